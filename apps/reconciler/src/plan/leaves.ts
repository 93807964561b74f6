import type { DesiredServer } from '../desired/desired.ts'

/** Whether an alias will not name the image any more when the plan is done. */
export type Leaves = (alias: string, fingerprint: string) => boolean

export function leavesOf(desired: DesiredServer): Leaves {
  const targets = new Map(
    desired.images.flatMap(({ fingerprint, aliases }) =>
      aliases.map(({ name }) => [name, fingerprint] as const),
    ),
  )
  const absent = new Set(desired.absent.flatMap(({ aliases }) => aliases))
  return (alias, fingerprint) => absent.has(alias) || (targets.get(alias) ?? fingerprint) !== fingerprint
}
