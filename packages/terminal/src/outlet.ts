/** One of the two streams that a command writes to. */
export interface Outlet {
  /** Resolves when the text is on its way, also to who does not listen any more. */
  write(text: string): Promise<void>
  readonly isTerminal: boolean
  /** Of the terminal; undefined or 0 where it does not tell. */
  size(): { columns: number | undefined; rows: number | undefined }
}

/** A reader that has seen enough (`| head`) is no error: of a pipe it is EPIPE, of a socket the other one. */
export function isReaderGone(error: unknown): boolean {
  const { code } = error as { code?: unknown }
  return code === 'EPIPE' || code === 'ECONNRESET'
}
