import type { Identity } from '../transport/identity.ts'

// What a recording holds, version 1: a folder of numbered files. `0001-prod-GET-images.json` is an exchange;
// `0002-prod-messages.jsonl` is a WebSocket: its head in the first line, then a line for each message and one for the end.

/** Which server was spoken to, as its transport called it. */
export interface TapeServer {
  name: string
  origin: string
  /** As whom it was asked, if the transport told. */
  identity?: Identity
}

/** What a request or an answer carried. */
export type RecordedBody =
  | { json: unknown }
  | { text: string }
  /** Other bytes: how many, their SHA-256 (64 hex), and the file beside the tape that holds them, if they were kept. */
  | { bytes: number; sha256: string; file?: string | undefined }

/** What a transport rejected with. */
export interface RecordedFailure {
  name: string
  /** As that of the runtime: `ECONNREFUSED`. */
  code?: string | undefined
  message: string
}

/** The request of an {@link Exchange}. */
export interface RecordedRequest {
  method: string
  /** Path and query. */
  path: string
  /** Those that mean something to the API, in lower case. */
  headers: Record<string, string>
  body?: RecordedBody | undefined
}

/** The answer of an {@link Exchange}. */
export interface RecordedAnswer {
  status: number
  headers: Record<string, string>
  body?: RecordedBody | undefined
  /** The body ended before its time: the connection broke, or the reader had enough. */
  cut?: RecordedFailure | 'by the reader' | undefined
}

/** One request with its answer, or with what came instead; without both, the recording ended in between. */
export interface Exchange {
  tape: 1
  server: TapeServer
  request: RecordedRequest
  answer?: RecordedAnswer | undefined
  /** What the transport rejected with, or that the caller aborted it. */
  failure?: RecordedFailure | 'aborted' | undefined
}

/** The first line of a recorded WebSocket. */
export interface MessagesHead {
  tape: 1
  server: TapeServer
  messages: { path: string }
  failure?: RecordedFailure | 'aborted' | undefined
}

/** One further line of a recorded WebSocket. */
export type MessageLine =
  /** `after`: how many requests and WebSockets with the server had begun in this recording when the message came. */
  { after: number; message: unknown } | { end: 'by the server' | 'by the reader' | RecordedFailure }
