import process from 'node:process'

/**
 * Reads the text that was piped into the process; undefined if stdin is a terminal.
 *
 * @example
 * ```ts
 * const text = await readInput(new AbortController().signal)
 * console.log(text?.length ?? 'nothing was piped')
 * ```
 */
export async function readInput(signal: AbortSignal): Promise<string | undefined> {
  const { stdin } = process
  if (stdin.isTTY === true) return undefined
  const stop = (): void => void stdin.destroy()
  signal.addEventListener('abort', stop, { once: true })
  try {
    const pieces: Uint8Array[] = []
    for await (const piece of stdin) pieces.push(piece as Uint8Array)
    signal.throwIfAborted()
    return Buffer.concat(pieces).toString('utf8')
  } catch (error) {
    signal.throwIfAborted()
    throw error
  } finally {
    signal.removeEventListener('abort', stop)
  }
}
