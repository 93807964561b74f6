import { padToWidth, showText } from '@hyperkit/terminal/text'
import type { Catalogue } from '../catalogue/catalogue.ts'
import type { Program } from '../catalogue/program.ts'

/** The output of `--list`: a line for each script. */
export async function renderList(catalogue: Catalogue): Promise<string> {
  const rows = await listRows(catalogue)
  const width = widest(rows)
  return rows.map((row) => renderRow(row, width)).join('')
}

/** The output of `--help`. */
export async function renderOverview({
  name,
  description,
  usage,
  sections,
  footer,
}: Program): Promise<string> {
  const lists = await Promise.all(
    (await sections()).map(async ({ title, catalogue }) => ({ title, rows: await listRows(catalogue) })),
  )
  const own = [
    [`${name} help <command>`, 'shows the flags of a command; so does <command> --help'],
    [`${name} completion bash|zsh|fish`, 'prints the completion script of a shell'],
    [`${name} --list, --version`, ''],
  ] as const
  const lines = [...usage, ...own]
  const wide = Math.max(...lines.map(([line]) => line.length))
  const width = widest(lists.flatMap(({ rows }) => rows))
  return [
    `${description}\n`,
    `\nUsage:\n${lines.map(([line, what]) => `  ${line.padEnd(wide)}  ${what}`.trimEnd()).join('\n')}\n`,
    ...lists
      .filter(({ rows }) => rows.length > 0)
      .map(({ title, rows }) => `\n${title}:\n${rows.map((row) => `  ${renderRow(row, width)}`).join('')}`),
    `\n${footer}\n`,
  ].join('')
}

type Row = readonly [name: string, description: string]

async function listRows(catalogue: Catalogue): Promise<Row[]> {
  const names = await catalogue.names()
  // A broken file of the user must not hide the others.
  const describe = (name: string): Promise<string | undefined> =>
    catalogue.describe(name).catch((error: unknown) => `(${String(error)})`)
  return Promise.all(names.map(async (name) => [name, showText((await describe(name)) ?? '')] as const))
}

function renderRow([name, description]: Row, width: number): string {
  return `${padToWidth(name, width)}  ${description}\n`
}

function widest(rows: readonly Row[]): number {
  return Math.max(0, ...rows.map(([name]) => name.length))
}
