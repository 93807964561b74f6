/** Callbacks for the bytes of a stream; see `passBytes`. */
export interface Watch {
  /** Called when the reader wants the next piece. */
  asked?(): void
  /** Called with each piece before it is passed on, and not to be used after; what it throws ends both streams. */
  take(piece: Uint8Array): void
  /** Called at the end, before that is passed on. */
  end(): void
  /** Called if the reader cancels. */
  cancelled?(): void
  /** Gives the error that the reader gets for a failure. @default the failure itself */
  failed?(error: unknown): unknown
  /** Ends both streams at once when it is aborted, even if no bytes come; its reason is then the failure. */
  signal?: AbortSignal | undefined
  /** Milliseconds to wait for the next piece; `false` for no limit. @default false */
  silence?: number | false | undefined
}
