import { largest, padToWidth, showText, widthOf } from '@hyperkit/terminal/text'
import type { Column } from './column.ts'
import type { Format } from './format.ts'
import { renderJson, renderYaml } from './render-document.ts'

/**
 * Rows as a text that ends with a line break. `json` and `yaml` show the whole records, the others the columns. A cell of CSV has one
 * value: a row with several has a line for each.
 *
 * @example
 * ```ts
 * const images = await client.images.list()
 * const columns = [{ title: 'FINGERPRINT', text: (image: (typeof images)[number]) => image.fingerprint }]
 * console.log(await renderRows(images, columns, { name: 'json', hasHeader: true }))
 * ```
 */
export async function renderRows<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  format: Format,
  record: (row: Row) => unknown = (row) => row,
): Promise<string> {
  if (format.name === 'json') return renderJson(rows.map(record))
  if (format.name === 'yaml') return renderYaml(rows.map(record))
  const titles = columns.map(({ title }) => title)
  const cells = rows.map((row) => columns.map((column) => column.text(row)))
  const splitCells = (row: Row): string[][] =>
    columns.reduce(
      (lines: string[][], { values, text }) => {
        const found = values?.(row) ?? [text(row)]
        return lines.flatMap((line) => (found.length === 0 ? [''] : found).map((value) => [...line, value]))
      },
      [[]],
    )
  const lines = {
    csv: () => renderCsv(titles, rows.flatMap(splitCells), format.hasHeader),
    markdown: () => renderMarkdown(titles, cells, format.hasHeader),
    compact: () => renderCompact(titles, cells, format.hasHeader),
    table: () => renderTable(titles, cells, columns, format.hasHeader),
  }[format.name]()
  return lines.map((line) => `${line}\n`).join('')
}

function renderCsv(titles: readonly string[], cells: readonly string[][], hasHeader: boolean): string[] {
  const quote = (cell: string): string =>
    /[",\n\r]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell
  // A line break inside of quotes is a part of the format; all else that a terminal obeys is written out.
  const line = (row: readonly string[]): string =>
    row.map((cell) => quote(showText(cell, { keep: '\n' }))).join(',')
  return [...(hasHeader ? [line(titles)] : []), ...cells.map(line)]
}

function renderMarkdown(titles: readonly string[], cells: readonly string[][], hasHeader: boolean): string[] {
  const show = (cell: string): string =>
    cell
      .split('\n')
      .map((part) => showText(part).replaceAll('|', '\\|'))
      .join('<br>')
  const line = (row: readonly string[]): string => `| ${row.map(show).join(' | ')} |`
  // A table of Markdown is none without a head.
  const head = hasHeader ? line(titles) : line(titles.map(() => ''))
  return [head, `| ${titles.map(() => '---').join(' | ')} |`, ...cells.map(line)]
}

function renderCompact(titles: readonly string[], cells: readonly string[][], hasHeader: boolean): string[] {
  const all = [...(hasHeader ? [[...titles]] : []), ...cells].map((row) => row.map(linesOf))
  const widths = titles.map((_, index) => widest(all.map((row) => row[index] ?? [])))
  return all.flatMap((row) =>
    linesOfRow(row, (text, index) => padToWidth(text, widths[index] ?? 0)).map((parts) =>
      `  ${parts.join('  ')}`.trimEnd(),
    ),
  )
}

function renderTable<Row>(
  titles: readonly string[],
  cells: readonly string[][],
  columns: readonly Column<Row>[],
  hasHeader: boolean,
): string[] {
  const body = cells.map((row) => row.map(linesOf))
  const widths = titles.map((title, index) =>
    Math.max(hasHeader ? widthOf(title) : 0, widest(body.map((row) => row[index] ?? []))),
  )
  const rule = `+${widths.map((width) => '-'.repeat(width + 2)).join('+')}+`
  const draw = (parts: readonly string[]): string => `|${parts.map((part) => ` ${part} `).join('|')}|`
  const align = (text: string, index: number): string => {
    const gap = ' '.repeat(Math.max(0, (widths[index] ?? 0) - widthOf(text)))
    return columns[index]?.align === 'right' ? gap + text : text + gap
  }
  const centre = (text: string, index: number): string => {
    const gap = Math.max(0, (widths[index] ?? 0) - widthOf(text))
    return ' '.repeat(Math.floor(gap / 2)) + text + ' '.repeat(Math.ceil(gap / 2))
  }
  return [
    rule,
    ...(hasHeader ? [draw(titles.map(centre)), rule] : []),
    ...body.flatMap((row) => [...linesOfRow(row, align).map(draw), rule]),
  ]
}

/** A cell of several lines makes a row of several lines. */
function linesOfRow(row: readonly string[][], pad: (text: string, index: number) => string): string[][] {
  const height = Math.max(1, largest(row.map((lines) => lines.length)))
  return Array.from({ length: height }, (_, line) => row.map((lines, index) => pad(lines[line] ?? '', index)))
}

function linesOf(cell: string): string[] {
  return cell.split('\n').map((line) => showText(line))
}

function widest(cells: readonly string[][]): number {
  return largest(cells.flat().map(widthOf))
}
