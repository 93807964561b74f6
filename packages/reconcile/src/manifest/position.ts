/** One-based, as editors count. */
export interface Position {
  /** Where a manifest is made of several files: the one that is meant. */
  file?: string
  line: number
  column: number
}
