import process from 'node:process'
import { askLine } from './ask-line.ts'

/** Whether there is somebody to ask. */
export function isInteractive(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true
}

/** Asks on stderr. Anything but `y` and `yes` is a no. */
export async function confirm(question: string, signal: AbortSignal): Promise<boolean> {
  return /^\s*y(es)?\s*$/i.test(await askLine(`${question} [y/N] `, signal))
}
