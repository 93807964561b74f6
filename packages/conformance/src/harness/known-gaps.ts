import type { TargetName } from './target.ts'

export interface KnownGap {
  /** The topic of the case. */
  topic: string
  name: string
  targets: readonly TargetName[]
  /** What differs on these targets, and why that is acceptable. */
  reason: string
}

/** Cases that are known to fail on some targets. They still run: one that passes must be removed from this table. */
export const knownGaps: readonly KnownGap[] = []

export function findGap(topic: string, name: string, target: TargetName): KnownGap | undefined {
  return knownGaps.find((gap) => gap.topic === topic && gap.name === name && gap.targets.includes(target))
}
