/** One of the two streams that a command writes to. */
export interface Outlet {
  /** Resolves when the text was written, or could not be. It never rejects: what a command does must not end half-way for its output. */
  write(text: string): Promise<void>
  /** Why text was lost, such as a full disk; undefined if none was, or if the reader has gone. */
  readonly failure?: Error | undefined
  readonly isTerminal: boolean
  /** The size of the terminal; undefined or 0 if unknown. */
  size(): { columns: number | undefined; rows: number | undefined }
}

/** Whether the reader has gone, such as `| head`, which is not an error: EPIPE for a pipe, ECONNRESET for a socket. */
export function isReaderGone(error: unknown): boolean {
  const { code } = error as { code?: unknown }
  return code === 'EPIPE' || code === 'ECONNRESET'
}
