import { setTimeout as delay } from 'node:timers/promises'
import { type ConformanceCase, runCase, type Target } from '@hyperkit/conformance'

/** Longer than any case takes. A case that waits longer, for an answer that the changed server never sends, has failed too. */
const limit = 60_000

/** Whether a case passes. */
export async function holds(one: ConformanceCase, target: Target): Promise<boolean> {
  const ended = new AbortController()
  const late = delay(limit, false, { signal: ended.signal })
  late.catch(() => {})
  const run = runCase(one, target).then(
    () => true,
    () => false,
  )
  try {
    return await Promise.race([run, late])
  } finally {
    ended.abort()
  }
}
