import { askLine } from './ask-line.ts'

/** Asks for a line on stderr. An empty answer is the preset. */
export async function ask(question: string, preset: string, signal: AbortSignal): Promise<string> {
  const hint = preset === '' ? '' : ` [${preset}]`
  return (await askLine(`${question}${hint}: `, signal)).trim() || preset
}
