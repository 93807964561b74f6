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
  /** How many images of a server are worked on at once, unless its `imagesAtOnce` says so: an integer, 1 or more. @default 4 */
  imagesPerServer?: number | undefined
}

/**
 * The same options for the functions behind the public API. Programs hide secrets themselves, so `hide` does nothing.
 *
 * @throws {ArgumentError} for a `parallelism` or `imagesPerServer` that is not an integer of 1 or more
 */
export function normalizeRun({
  signal = new AbortController().signal,
  onNote,
  parallelism,
  imagesPerServer,
  wrapTransport,
  maxDocument,
  keepsNothing,
  onSwitch = onNote,
}: RunOptions): Preparing {
  checkParallelism({ parallelism, imagesPerServer })
  return {
    signal,
    parallelism,
    imagesPerServer,
    wrapTransport,
    maxDocument,
    keepsNothing,
    onSwitch,
    registryLimits: new Map(),
    hide: () => {},
    note: async (sentence) => onNote?.(sentence),
  }
}

/** @throws {ArgumentError} for a number that is not an integer of 1 or more */
export function checkParallelism({
  parallelism,
  imagesPerServer,
}: Pick<RunOptions, 'parallelism' | 'imagesPerServer'>): void {
  check('parallelism', parallelism, 'servers')
  check('imagesPerServer', imagesPerServer, 'images of a server')
}

function check(option: string, count: number | undefined, what: string): void {
  if (count === undefined || (Number.isInteger(count) && count >= 1)) return
  throw new ArgumentError(option, `Cannot work on ${count} ${what} at once: use an integer of 1 or more`)
}
