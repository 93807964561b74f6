import type { DesiredServer } from '../desired/desired.ts'
import type { ReadServer } from '../observed/observed.ts'
import { isPossible } from './find-problems.ts'

/** Whether an alias will no longer name the image after the plan. */
export type Leaves = (alias: string, fingerprint: string) => boolean

/** The aliases of an image for which nothing can be planned stay where they are. */
export function leavesOf(desired: DesiredServer, observed: ReadServer): Leaves {
  const possible = desired.images.filter((image) => isPossible(image, observed))
  const targets = new Map(
    possible.flatMap(({ fingerprint, aliases }) => aliases.map(({ name }) => [name, fingerprint] as const)),
  )
  const absent = new Set(desired.absent.flatMap(({ aliases }) => aliases))
  return (alias, fingerprint) => absent.has(alias) || (targets.get(alias) ?? fingerprint) !== fingerprint
}
