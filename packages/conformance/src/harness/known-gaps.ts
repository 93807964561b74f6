import type { TargetName } from './target.ts'

export interface KnownGap {
  /** The case's. */
  topic: string
  name: string
  targets: readonly TargetName[]
  /** What is different there, and why it may be. */
  reason: string
}

/** Cases that are known not to hold somewhere. They run all the same: one that holds after all must leave this table. */
export const knownGaps: readonly KnownGap[] = []

export function findGap(topic: string, name: string, target: TargetName): KnownGap | undefined {
  return knownGaps.find((gap) => gap.topic === topic && gap.name === name && gap.targets.includes(target))
}
