import * as v from 'valibot'

/**
 * What a recording holds, version 1: a folder of numbered files. `0001-prod-GET-images.json` is one request and its
 * answer, an {@link Exchange}; `0002-prod-events.jsonl` is one WebSocket, a {@link MessagesHead} and a {@link MessageLine}
 * for each message and for the end.
 */
export const tapeVersion = 1

const server = v.object({ name: v.string(), origin: v.string() })
const failure = v.object({ name: v.string(), code: v.optional(v.string()), message: v.string() })
const body = v.union([
  v.strictObject({ json: v.unknown() }),
  v.strictObject({ text: v.string() }),
  v.strictObject({ bytes: v.number(), sha256: v.string(), file: v.optional(v.string()) }),
])
const headers = v.record(v.string(), v.string())

const answer = v.object({
  status: v.number(),
  headers,
  body: v.optional(body),
  /** The body ended before its time: the connection broke, or the reader had enough. */
  cut: v.optional(v.union([failure, v.literal('by the reader')])),
})

export const exchangeSchema = v.object({
  tape: v.literal(tapeVersion),
  server,
  request: v.object({ method: v.string(), path: v.string(), headers, body: v.optional(body) }),
  answer: v.optional(answer),
  /** Instead of an answer: what the transport rejected with, or that the caller aborted it. */
  failure: v.optional(v.union([failure, v.literal('aborted')])),
})

export const messagesHeadSchema = v.object({
  tape: v.literal(tapeVersion),
  server,
  messages: v.object({ path: v.string() }),
  failure: v.optional(v.union([failure, v.literal('aborted')])),
})

export const messageLineSchema = v.union([
  /** `after`: how many requests and WebSockets with the server had begun in this recording when the message came. */
  v.object({ after: v.number(), message: v.unknown() }),
  v.object({ end: v.union([v.picklist(['by the server', 'by the reader']), failure]) }),
])

/** Which server was spoken to, as its transport called it. */
export type TapeServer = v.InferOutput<typeof server>
/** What a request or an answer carried: JSON, text, or what is known of its bytes. */
export type RecordedBody = v.InferOutput<typeof body>
/** What a transport rejected with. */
export type RecordedFailure = v.InferOutput<typeof failure>
/** One request with its answer, or with what came instead; without both, the recording ended in between. */
export type Exchange = v.InferOutput<typeof exchangeSchema>
/** The request of an {@link Exchange}. Only headers that say something about the images API are kept. */
export type RecordedRequest = Exchange['request']
/** The answer of an {@link Exchange}. */
export type RecordedAnswer = v.InferOutput<typeof answer>
/** The first line of a recorded WebSocket. */
export type MessagesHead = v.InferOutput<typeof messagesHeadSchema>
/** One further line of a recorded WebSocket. */
export type MessageLine = v.InferOutput<typeof messageLineSchema>
