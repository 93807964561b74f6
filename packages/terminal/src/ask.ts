import process from 'node:process'

/** Asks for a line on stderr, so that stdout stays the result. An empty answer is the preset. */
export async function ask(question: string, preset: string, signal: AbortSignal): Promise<string> {
  const { createInterface } = await import('node:readline/promises')
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  // On a terminal in raw mode Ctrl-C reaches readline, not the process.
  lines.on('SIGINT', () => process.kill(process.pid, 'SIGINT'))
  try {
    // A closed input answers nothing; `question` would wait for ever.
    const closed = new Promise<string>((resolve) => lines.once('close', () => resolve('')))
    const hint = preset === '' ? '' : ` [${preset}]`
    const answer = await Promise.race([lines.question(`${question}${hint}: `, { signal }), closed])
    return answer.trim() || preset
  } catch (error) {
    signal.throwIfAborted()
    throw error
  } finally {
    lines.close()
  }
}
