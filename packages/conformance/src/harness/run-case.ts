import type { ConformanceCase } from './conformance-case.ts'
import { findGap } from './known-gaps.ts'
import { openContext } from './open-context.ts'
import type { Target } from './target.ts'

/** A sentence that says why a case cannot run on a target; undefined if it can. */
export function explainSkip(one: ConformanceCase, target: Target): string | undefined {
  return one.needs?.map((need) => target.lacks[need]).find((reason) => reason !== undefined)
}

/**
 * Runs one case on one target, and deletes what it has made.
 *
 * @returns the reason if it failed because of a known gap, otherwise undefined
 * @throws if the case or its cleanup failed, or if a case with a known gap passed
 */
export async function runCase(one: ConformanceCase, target: Target): Promise<string | undefined> {
  const gap = findGap(one.topic, one.name, target.name)
  const { context, close } = await openContext(target)
  try {
    await one.run(context)
  } catch (error) {
    if (gap) return gap.reason
    throw error
  } finally {
    await close()
  }
  if (gap) throw new Error(`The case passes on ${target.name} now: remove it from the known gaps`)
  return undefined
}
