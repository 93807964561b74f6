/** One request to a server's API. */
export interface Call {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Encoded, from the root: `/1.0/images`. */
  path: string
  query?: Record<string, string | undefined>
  /** Sent as `application/json`. */
  json?: unknown
  /** Sent as it is; a stream is sent in chunks unless `content-length` is among the headers. */
  body?: ReadableStream<Uint8Array>
  headers?: Record<string, string>
  /** The ETag that the thing must still have. */
  ifMatch?: string | undefined
  project?: string | undefined
  signal?: AbortSignal | undefined
  /** Milliseconds until the answer's headers; `false` for none. @default the client's `requestTimeout` */
  timeout?: number | false
  /** What an error says was tried: `Cannot ${action}`. */
  action: string
  /** Whether an error says what the server did, and no more: for what finds out what this client sees. */
  plain?: boolean
}

/** What each method takes. */
export interface CallOptions {
  signal?: AbortSignal | undefined
  /** @default the client's project */
  project?: string | undefined
}
