/** One of the two streams that a command writes to. */
export interface Outlet {
  /** Resolves when the text was written, even if nobody reads it any more. */
  write(text: string): Promise<void>
  readonly isTerminal: boolean
  /** The size of the terminal; undefined or 0 if unknown. */
  size(): { columns: number | undefined; rows: number | undefined }
}

/** Whether the reader has gone, such as `| head`, which is not an error: EPIPE for a pipe, ECONNRESET for a socket. */
export function isReaderGone(error: unknown): boolean {
  const { code } = error as { code?: unknown }
  return code === 'EPIPE' || code === 'ECONNRESET'
}
