import * as v from 'valibot'
import type { Exchange, MessageLine, MessagesHead } from './tape.ts'

const tape = v.literal(1)
const identity = v.variant('kind', [
  v.object({ kind: v.picklist(['stranger', 'token', 'socket']) }),
  v.object({ kind: v.literal('certificate'), certificate: v.string() }),
])
const server = v.object({ name: v.string(), origin: v.string(), identity: v.exactOptional(identity) })
const failure = v.object({ name: v.string(), code: v.optional(v.string()), message: v.string() })
const body = v.optional(
  v.union([
    v.strictObject({ json: v.unknown() }),
    v.strictObject({ text: v.string() }),
    v.strictObject({ bytes: v.number(), sha256: v.string(), file: v.optional(v.string()) }),
  ]),
)
const headers = v.record(v.string(), v.string())
const instead = v.optional(v.union([failure, v.literal('aborted')]))

export const exchangeSchema: v.GenericSchema<unknown, Exchange> = v.object({
  tape,
  server,
  request: v.object({ method: v.string(), path: v.string(), headers, body }),
  answer: v.optional(
    v.object({
      status: v.number(),
      headers,
      body,
      cut: v.optional(v.union([failure, v.literal('by the reader')])),
    }),
  ),
  failure: instead,
})

export const messagesHeadSchema: v.GenericSchema<unknown, MessagesHead> = v.object({
  tape,
  server,
  messages: v.object({ path: v.string() }),
  failure: instead,
})

export const messageLineSchema: v.GenericSchema<unknown, MessageLine> = v.union([
  v.object({ after: v.number(), message: v.unknown() }),
  v.object({ end: v.union([v.picklist(['by the server', 'by the reader']), failure]) }),
])
