import type { Identity } from '../transport/identity.ts'

// The format of a recording, version 1: a folder of numbered files. `0001-prod-GET-images.json` is an exchange.
// `0002-prod-messages.jsonl` is a WebSocket: its head in the first line, then a line for each message and one for the end.

/** The server of a request, as its transport named it. */
export interface TapeServer {
  name: string
  origin: string
  /** The client's identity, if the transport reported it. */
  identity?: Identity
}

/** The body of a request or an answer. */
export type RecordedBody =
  | { json: unknown }
  | { text: string }
  /** Other bytes: how many, their SHA-256 (64 hex), and the file beside the tape that holds them, if they were kept. */
  | { bytes: number; sha256: string; file?: string | undefined }

/** The error that a transport rejected with. */
export interface RecordedFailure {
  name: string
  /** The runtime's code: `ECONNREFUSED`. */
  code?: string | undefined
  message: string
}

/** The request of an {@link Exchange}. */
export interface RecordedRequest {
  method: string
  /** Path and query. */
  path: string
  /** The headers that matter to the API, in lower case. */
  headers: Record<string, string>
  body?: RecordedBody | undefined
}

/** The answer of an {@link Exchange}. */
export interface RecordedAnswer {
  status: number
  headers: Record<string, string>
  body?: RecordedBody | undefined
  /** Why the body ended early: the connection broke, or the reader cancelled. */
  cut?: RecordedFailure | 'by the reader' | undefined
}

/** One request with its answer or failure; without either, the recording ended in between. */
export interface Exchange {
  tape: 1
  server: TapeServer
  request: RecordedRequest
  answer?: RecordedAnswer | undefined
  /** The error that the transport rejected with, or `aborted` by the caller. */
  failure?: RecordedFailure | 'aborted' | undefined
}

/** The first line of a recorded WebSocket. */
export interface MessagesHead {
  tape: 1
  server: TapeServer
  messages: { path: string }
  failure?: RecordedFailure | 'aborted' | undefined
}

/** A later line of a recorded WebSocket. */
export type MessageLine =
  /** `after`: how many requests and WebSockets to the server had begun in this recording when the message came. */
  { after: number; message: unknown } | { end: 'by the server' | 'by the reader' | RecordedFailure }
