import * as v from 'valibot'
import { ServerError } from '../errors/errors.ts'
import { type AnswerFacts, readEnvelope } from '../http/answer.ts'
import type { Call, CallOptions } from '../http/call.ts'
import type { Connection } from '../http/connection.ts'
import type { Envelope } from '../http/envelope.ts'
import { isFinished, type Operation, operationSchema, readOperation } from '../model/operation.ts'
import { saysThat } from '../model/server-words.ts'

/** What a request to `/wait` shows, if anything. */
export interface Waited {
  ended?: Operation
  /** The member of the cluster that has the operation is down. */
  down?: ServerError
}

/**
 * One request to `/wait`. Only a finished operation in a `sync` answer counts: Incus before 6.0.5 and LXD since 5.0.3 also send
 * `type: "error"`, with HTTP 200 or 500 (T44), both for an operation that failed and for a wait that only timed out. LXD 6.9 says only here
 * that the member is down: it reads the operation from its database, as running until the member is started again.
 */
export async function longPoll(
  connection: Connection,
  id: string,
  { seconds, secret, ...options }: CallOptions & { seconds: number; secret: string | undefined },
): Promise<Waited> {
  const call: Call = {
    method: 'GET',
    path: `/1.0/operations/${id}/wait`,
    query: { timeout: String(seconds), secret },
    action: `wait for operation ${id}`,
    // The head may come at once, and the body when the operation has ended.
    timeout: (seconds + 60) * 1000,
    silence: (seconds + 60) * 1000,
    ...options,
  }
  const response = await connection.send(call)
  const facts = connection.facts(call)
  const envelope = await readEnvelope(response, facts)
  if (envelope.type === 'error' && isDead(envelope.error))
    return { down: memberDown(envelope, response, facts) }
  if (envelope.type !== 'sync') return {}
  const read = v.safeParse(operationSchema, envelope.metadata)
  if (!read.success) return {}
  const operation = readOperation(read.output)
  return isFinished(operation) ? { ended: operation } : {}
}

function memberDown(
  { error, error_code: errorCode }: Extract<Envelope, { type: 'error' }>,
  { status }: Response,
  { action, server, request }: AnswerFacts,
): ServerError {
  return new ServerError(
    'unavailable',
    `Cannot ${action} on "${server}": the server answered ${errorCode || status} ${JSON.stringify(error)}`,
    { server, status, errorCode, serverMessage: error, request },
  )
}

/** Whether another member of the cluster says that the one with the operation is down. It can be silent for a moment, and any member while it starts. */
export function isOfDeadMember(error: unknown): error is ServerError {
  return error instanceof ServerError && isDead(error.serverMessage)
}

function isDead(words: string): boolean {
  return saysThat(words, 'member-down') || saysThat(words, 'member-silent')
}
