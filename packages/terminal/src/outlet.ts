/** One of the two streams that a command writes to. */
export interface Outlet {
  /** Resolves when the text is on its way, also to who does not listen any more. */
  write(text: string): Promise<void>
  readonly isTerminal: boolean
  /** Of the terminal; undefined or 0 where it does not tell. */
  size(): { columns: number | undefined; rows: number | undefined }
}
