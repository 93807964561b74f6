/** A position in a file. Line and column start at 1, as in editors. */
export interface Position {
  /** Set if the manifest consists of several files: the file of this position. */
  file?: string
  line: number
  column: number
}
