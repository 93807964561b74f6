/** Reads a body in pieces that belong to the caller until they are given back. */
export interface PieceSource {
  /** Whether the buffers of pieces that are given back are filled again; other streams bring buffers of their own. */
  refills: boolean
  /** Reads the next piece. */
  read(): Promise<ReadableStreamReadResult<Uint8Array>>
  /** Ends the caller's use of these pieces: their buffers may be filled again. */
  giveBack(pieces: readonly Uint8Array[]): void
  /** Cancels the body. */
  cancel(reason: unknown): Promise<void>
}
