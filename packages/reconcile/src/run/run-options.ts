import type { OpenOptions } from '../sources/wrap-transport.ts'
import type { Preparing } from './prepare-plan.ts'

/** What everything that speaks to servers has in common. */
export interface RunOptions extends OpenOptions {
  /** Ends it; the promise rejects with its reason. */
  signal?: AbortSignal | undefined
  /** Called with a sentence for what is no error and should be known: a lock file that is not up to date. */
  onNote?: ((sentence: string) => void) | undefined
}

/** The same for the functions below the door. A program hides secrets itself, so it needs not be told of them. */
export function settleRun({
  signal = new AbortController().signal,
  onNote,
  wrapTransport,
}: RunOptions): Preparing {
  return { signal, wrapTransport, hide: () => {}, note: async (sentence) => onNote?.(sentence) }
}
