import * as v from 'valibot'
import { flag } from '../arguments/argument-metadata.ts'
import { UsageError } from '../arguments/usage-error.ts'
import type { Column } from './column.ts'

/** Columns by the letters that `--columns` takes. */
export type ColumnsByLetter<Row> = Readonly<Record<string, Column<Row>>>

/** What else than letters names columns. */
export interface OtherColumns<Row> {
  /** How an error names them: `properties:KEY`. */
  name: string
  /** The column of a word; undefined for a word of letters. */
  read(word: string): Column<Row> | undefined
}

/**
 * The flag `--columns` of a script that shows rows.
 *
 * @param initial the letters without the flag
 *
 * @example
 * ```ts
 * const args = v.object({ columns: columnsFlag('nu') })
 * ```
 */
export function columnsFlag(initial: string) {
  return v.optional(
    v.pipe(v.string(), v.nonEmpty(), v.description('Columns to show'), flag({ short: 'c' })),
    initial,
  )
}

/**
 * The columns that `--columns` asks for, as one word (`lfs`) or with commas (`l,f,properties:os`).
 *
 * @throws UsageError a letter that names none
 *
 * @example
 * ```ts
 * const columns = readColumns('n', { n: { title: 'NAME', text: (name: string) => name } })
 * ```
 */
export function readColumns<Row>(
  text: string,
  known: ColumnsByLetter<Row>,
  others?: OtherColumns<Row>,
): Column<Row>[] {
  return text.split(',').flatMap((word) => {
    const other = others?.read(word)
    return other === undefined ? [...word].map((letter) => columnOf(letter, known, others?.name)) : [other]
  })
}

function columnOf<Row>(letter: string, known: ColumnsByLetter<Row>, others: string | undefined): Column<Row> {
  const column = Object.hasOwn(known, letter) ? known[letter] : undefined
  if (column !== undefined) return column
  const list = [Object.keys(known).join(''), ...(others === undefined ? [] : [others])].join(' and ')
  throw new UsageError(`there is no column "${letter}"; known columns: ${list}`)
}
