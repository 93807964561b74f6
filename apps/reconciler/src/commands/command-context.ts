import type { Console } from './console.ts'

/** What every command works with. */
export interface CommandContext {
  console: Console
  signal: AbortSignal
  exitWith(code: number): void
}
