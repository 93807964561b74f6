import type { DesiredServer } from '../desired/desired.ts'
import type { ReadServer } from '../observed/observed.ts'
import { isPossible } from './find-problems.ts'

/** Whether an alias points at the image now and will no longer do so after the plan. */
export type IsLeaving = (alias: string, fingerprint: string) => boolean

/** Finds the aliases that move away or are removed. Aliases of an image for which nothing can be planned stay. */
export function findLeavingAliases(desired: DesiredServer, observed: ReadServer): IsLeaving {
  const possible = desired.images.filter((image) => isPossible(image, observed))
  const targets = new Map(
    possible.flatMap(({ fingerprint, aliases }) => aliases.map(({ name }) => [name, fingerprint] as const)),
  )
  const absent = new Set(desired.absent.flatMap(({ aliases }) => aliases))
  return (alias, fingerprint) => absent.has(alias) || (targets.get(alias) ?? fingerprint) !== fingerprint
}
