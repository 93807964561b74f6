import { UsageError } from './usage-error.ts'

/**
 * Reads YAML that a user wrote.
 *
 * @param shown its name in errors: a path, or `stdin`
 * @param options.scalars `text` reads each as a text: `24.10` is not a number and `no` is not a boolean. @default 'typed'
 * @throws UsageError with line and column
 *
 * @example
 * ```ts
 * console.log(await parseYaml('public: true', 'stdin'))
 * ```
 */
export async function parseYaml(
  text: string,
  shown: string,
  { scalars = 'typed' }: { scalars?: 'typed' | 'text' } = {},
): Promise<unknown> {
  const { LineCounter, parseDocument } = await import('yaml')
  const lines = new LineCounter()
  const document = parseDocument(text, {
    lineCounter: lines,
    ...(scalars === 'text' ? { schema: 'failsafe' as const } : {}),
  })
  const [broken] = document.errors
  if (broken === undefined) return document.toJS()
  const { line, col } = lines.linePos(broken.pos[0])
  const what = broken.message.split('\n')[0]?.replace(/ at line \d+, column \d+:?$/, '') ?? ''
  throw new UsageError(`${shown}:${line}:${col}: ${what}`)
}
