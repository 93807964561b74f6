/**
 * The result, or the reason of an abort, whichever comes first. What the promise stands for is not ended by that, so a result that comes too
 * late has to be given up. (A transport gets the signal too, but an abort is lost on its way through Node's own fetch if the server was
 * silent over a garbage collection; see read-text.ts.)
 *
 * @param giveUp called with a result that comes after the abort
 *
 * @example
 * ```ts
 * const answer = await untilAborted(fetch('https://images.example.org:8443'), AbortSignal.timeout(1000))
 * ```
 */
export async function untilAborted<Result>(
  promise: Promise<Result>,
  signal: AbortSignal | undefined,
  giveUp?: (late: Result) => unknown,
): Promise<Result> {
  if (signal === undefined) return promise
  let abort: () => void = () => undefined
  const aborted = new Promise<never>((_, reject) => {
    abort = () => {
      reject(signal.reason)
      promise.then(giveUp).catch(() => undefined)
    }
    signal.addEventListener('abort', abort)
    if (signal.aborted) abort()
  })
  try {
    return await Promise.race([promise, aborted])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
