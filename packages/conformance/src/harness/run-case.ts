import type { ConformanceCase } from './conformance-case.ts'
import { findGap } from './known-gaps.ts'
import { openContext } from './open-context.ts'
import type { Target } from './target.ts'

/** Why a case cannot run on a target, in a sentence; undefined where it can. */
export function explainSkip(one: ConformanceCase, target: Target): string | undefined {
  return one.needs?.map((need) => target.lacks[need]).find((reason) => reason !== undefined)
}

/**
 * Runs one case on one target, and removes what it made.
 *
 * @returns the reason where it failed and that is known, else undefined
 * @throws where it failed, where cleaning up did, and where a known gap is none any more
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
