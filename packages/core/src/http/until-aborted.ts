import { discardBody } from './discard-body.ts'

/**
 * The answer, or the reason of an abort, whichever comes first. The transport gets the signal too, but an abort is lost on its way through
 * Node's own fetch if the server was silent over a garbage collection; see read-text.ts.
 */
export async function untilAborted(
  answer: Promise<Response>,
  signal: AbortSignal | undefined,
): Promise<Response> {
  if (signal === undefined) return answer
  let abort: () => void = () => undefined
  const aborted = new Promise<never>((_, reject) => {
    abort = () => {
      reject(signal.reason)
      answer.then(discardBody).catch(() => undefined)
    }
    signal.addEventListener('abort', abort)
    if (signal.aborted) abort()
  })
  try {
    return await Promise.race([answer, aborted])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
