import { askLine } from './ask-line.ts'

/**
 * Asks for a line on stderr. An empty answer means the preset.
 *
 * @example
 * ```ts
 * const { signal } = new AbortController()
 * const name = isInteractive() ? await ask('Name', 'prod', signal) : 'prod'
 * console.log(name)
 * ```
 */
export async function ask(question: string, preset: string, signal: AbortSignal): Promise<string> {
  const hint = preset === '' ? '' : ` [${preset}]`
  return (await askLine(`${question}${hint}: `, signal)).trim() || preset
}
