import type { ScriptTools } from '@hyperkit/script'

/** The result: the document with `--json`, else the text with its colours. */
export async function printResult(
  { json, result, console }: Pick<ScriptTools, 'json' | 'result' | 'console'>,
  document: unknown,
  text: string,
): Promise<void> {
  if (json) result(document, '')
  else await console.result(text)
}
