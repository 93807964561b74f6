/** One request to a server's API. */
export interface Call {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** The encoded path from the root: `/1.0/images`. */
  path: string
  query?: Record<string, string | undefined>
  /** Sent as `application/json`. */
  json?: unknown
  /** Sent unchanged, in chunks unless `content-length` is among the headers. */
  body?: ReadableStream<Uint8Array>
  headers?: Record<string, string>
  /** The ETag that must still match. */
  ifMatch?: string | undefined
  project?: string | undefined
  signal?: AbortSignal | undefined
  /** Milliseconds until the answer's headers; `false` for none. @default as the client's `answerTimeout` says */
  timeout?: number | false
  /** Milliseconds between two pieces of its body; `false` for no limit. @default as the client's `answerTimeout` says */
  silence?: number | false
  /** The action in an error: `Cannot ${action}`. */
  action: string
  /**
   * Whether a deletion whose answer was lost is still meant, for the thing that is then there. If not, it counts as carried out.
   * @default always
   */
  isStillMeant?: ((metadata: unknown) => boolean) | undefined
  /** Whether an error only reports the answer and does not read what this client sees: for the calls that find this out. */
  plain?: boolean
}

/** Options of every call. */
export interface CallOptions {
  signal?: AbortSignal | undefined
  /** @default the client's project */
  project?: string | undefined
}
