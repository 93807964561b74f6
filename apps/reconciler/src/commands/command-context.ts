import type { WrapTransport } from '@hyperkit/reconcile/parts'
import type { Console } from './console.ts'

/** What every command works with. */
export interface CommandContext {
  console: Console
  signal: AbortSignal
  /** Wraps every transport that a command opens. */
  wrapTransport: WrapTransport
  exitWith(code: number): void
}
