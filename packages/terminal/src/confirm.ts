import process from 'node:process'
import { askLine } from './ask-line.ts'

/**
 * Whether a user can be asked: stdin and stderr are terminals.
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
 * Asks a question on stderr. Only `y` and `yes` count as yes.
 *
 * @see {@link isInteractive}
 */
export async function confirm(question: string, signal: AbortSignal): Promise<boolean> {
  return /^\s*y(es)?\s*$/i.test(await askLine(`${question} [y/N] `, signal))
}
