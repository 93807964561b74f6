/** A column of a table: its title, and the text of a row in it. */
export interface Column<Row> {
  title: string
  /** The text of a row in this column; may be empty. */
  text(row: Row): string
  /** The values of a cell that has several, for CSV, which has a line for each. @default the text */
  values?(row: Row): readonly string[]
  /** `right` for numbers. @default 'left' */
  align?: 'left' | 'right'
}
