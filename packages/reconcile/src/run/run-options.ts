import { ArgumentError } from '@hyperkit/core'
import type { OpenOptions } from '../sources/wrap-transport.ts'
import type { Preparing } from './preparing.ts'

/** The options of every function that connects to servers. */
export interface RunOptions extends OpenOptions {
  /** Aborts the call; the promise rejects with the signal's reason. */
  signal?: AbortSignal | undefined
  /** Called with a sentence that is not an error, such as that the lock file is not up to date. */
  onNote?: ((sentence: string) => void) | undefined
  /** How many servers are worked on at once: an integer, 1 or more. @default 16 */
  parallelism?: number | undefined
}

/**
 * The same options for the functions behind the public API. Programs hide secrets themselves, so `hide` does nothing.
 *
 * @throws {ArgumentError} for a `parallelism` that is not an integer of 1 or more
 */
export function normalizeRun({
  signal = new AbortController().signal,
  onNote,
  parallelism,
  wrapTransport,
  maxDocument,
  keepsNothing,
  onSwitch = onNote,
}: RunOptions): Preparing {
  checkParallelism(parallelism)
  return {
    signal,
    parallelism,
    wrapTransport,
    maxDocument,
    keepsNothing,
    onSwitch,
    hide: () => {},
    note: async (sentence) => onNote?.(sentence),
  }
}

/** @throws {ArgumentError} for a number that is not an integer of 1 or more */
export function checkParallelism(parallelism: number | undefined): void {
  if (parallelism === undefined || (Number.isInteger(parallelism) && parallelism >= 1)) return
  throw new ArgumentError(
    'parallelism',
    `Cannot work on ${parallelism} servers at once: use an integer of 1 or more`,
  )
}
