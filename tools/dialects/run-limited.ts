import { setTimeout as delay } from 'node:timers/promises'
import { type ConformanceCase, runCase, type Target } from '@hyperkit/conformance'

/** Longer than any case takes; one that waits for what a changed server never says has noticed the change, too. */
const limit = 60_000

/** Whether a case holds. */
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
