import { readFileSync } from 'node:fs'

const text = readFileSync(new URL('../../../docs/commands.md', import.meta.url), 'utf8')

/** A row of the table in docs/commands.md that compares `incus` and `lxc` with the scripts. */
export interface Equal {
  /** `image copy --alias` */
  theirs: string
  /** `copy --alias`; empty if there is no equivalent, and the note says why. */
  ours: string
  note: string
}

export function readEquals(): Equal[] {
  return rowsBelow('## Compared with').map(([theirs = '', ours = '', note = '']) => ({
    theirs: unquote(theirs),
    ours: unquote(ours),
    note,
  }))
}

/** The Deno permissions in docs/commands.md, by script: `--allow-net=$SERVERS` with the variables replaced by their values. */
export function readPermissions(values: Readonly<Record<string, string>>): Map<string, string[]> {
  const env = /^ENV=(.+)$/m.exec(text)?.[1] ?? ''
  const known: Record<string, string> = { ENV: env, ...values }
  return new Map(
    rowsBelow('## Deno permissions').map(([script = '', flags = '']) => [
      unquote(script),
      unquote(flags)
        .split(' ')
        .map((flag) => flag.replace(/\$([A-Z]+)/g, (_, word: string) => known[word] ?? `unknown ${word}`)),
    ]),
  )
}

function rowsBelow(heading: string): string[][] {
  const section = text.slice(text.indexOf(heading)).split(/\n## /)[0] ?? ''
  const rows = section.split('\n').filter((line) => line.startsWith('|'))
  return rows.slice(2).map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
}

function unquote(cell: string): string {
  return cell.replaceAll('`', '')
}
