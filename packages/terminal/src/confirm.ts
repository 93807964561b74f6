import process from 'node:process'

/** Whether there is somebody to ask. */
export function isInteractive(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true
}

/** Asks on stderr, so that stdout stays the result. Anything but `y` and `yes` is a no. */
export async function confirm(question: string, signal: AbortSignal): Promise<boolean> {
  const { createInterface } = await import('node:readline/promises')
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  // On a terminal in raw mode Ctrl-C reaches readline, not the process.
  lines.on('SIGINT', () => process.kill(process.pid, 'SIGINT'))
  try {
    // A closed input answers nothing; `question` would wait for ever.
    const closed = new Promise<string>((resolve) => lines.once('close', () => resolve('')))
    const answer = await Promise.race([lines.question(`${question} [y/N] `, { signal }), closed])
    return /^\s*y(es)?\s*$/i.test(answer)
  } catch (error) {
    signal.throwIfAborted()
    throw error
  } finally {
    lines.close()
  }
}
