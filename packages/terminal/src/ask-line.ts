import process from 'node:process'
import { InterruptedError } from './watch-signals.ts'

/**
 * Asks on stderr, to keep stdout for the result. A closed input counts as an empty answer.
 *
 * @throws InterruptedError at Ctrl-C; it says that nothing was done, because the work had not started
 */
export async function askLine(prompt: string, signal: AbortSignal): Promise<string> {
  const { createInterface } = await import('node:readline/promises')
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  // On a terminal in raw mode Ctrl-C reaches readline, not the process.
  lines.on('SIGINT', () => process.kill(process.pid, 'SIGINT'))
  try {
    // `question` never resolves if the input is closed.
    const closed = new Promise<string>((resolve) => lines.once('close', () => resolve('')))
    return await Promise.race([lines.question(prompt, { signal }), closed])
  } catch (error) {
    if (!signal.aborted) throw error
    const { reason } = signal
    throw reason instanceof InterruptedError
      ? new InterruptedError(reason.signal, 'nothing was done')
      : reason
  } finally {
    lines.close()
  }
}
