import process from 'node:process'
import { askLine } from './ask-line.ts'

/**
 * Whether there is somebody to ask.
 *
 * @example
 * ```ts
 * const { signal } = new AbortController()
 * if (isInteractive() && (await confirm('Delete it?', signal))) console.log('deleted')
 * ```
 */
export function isInteractive(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true
}

/**
 * Asks on stderr. Anything but `y` and `yes` is a no.
 *
 * @see {@link isInteractive}
 */
export async function confirm(question: string, signal: AbortSignal): Promise<boolean> {
  return /^\s*y(es)?\s*$/i.test(await askLine(`${question} [y/N] `, signal))
}
