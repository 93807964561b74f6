import type { UpdateAlias } from '../documents/plan.ts'
import type { ObservedAlias, ObservedVersion } from '../observed/observed.ts'
import { readMark } from '../ownership/alias-mark.ts'
import { listVersions } from './list-versions.ts'

/** The alias to roll back, and the version to roll it back to. */
export interface AliasRollback {
  /** Name of the manifest. */
  owner: string
  /** The manifest's name of the image that has the alias; undefined: the names of the image that the alias points at now. */
  image: string | undefined
  /** The beginning of a fingerprint. @default the version before the newest one, unless the alias points at an earlier one already */
  to?: string | undefined
}

/** The change that points an alias at an earlier version, why it points at one already, or why it cannot. */
export type AliasRollbackResult = { change: UpdateAlias } | { unchanged: string } | { why: string }

/** Why the oldest version does not go back. */
export const noEarlierVersion = 'there is no earlier version'

/**
 * Plans to point an alias at an earlier version. A rollback that is planned again after it was made has nothing to do: without `to`, only
 * an alias that points at the newest version goes back, and no alias goes back twice.
 */
export function planAliasRollback(
  alias: ObservedAlias,
  images: readonly ObservedVersion[],
  { owner, image, to }: AliasRollback,
): AliasRollbackResult {
  const { owner: other } = readMark(alias.description)
  if (other !== null && other !== owner)
    return { why: `it belongs to manifest "${other}", not to "${owner}"` }
  const all = listVersions(images, owner)
  const current = all.find(({ fingerprint }) => fingerprint === alias.target)
  const names = image === undefined ? (current?.names ?? []) : [image]
  const versions = all.filter((version) => version.names.some((name) => names.includes(name)))
  const known = versions
    .filter((version) => version !== current)
    .map(({ fingerprint }) => fingerprint.slice(0, 12))
    .join(', ')
  const others = known === '' ? 'there are no other versions' : `other versions: ${known}`
  if (to === undefined && (current === undefined || !versions.includes(current)))
    return {
      why: `it points at ${alias.target.slice(0, 12)}, which is not a version of this manifest; ${others}${known === '' ? '' : '; choose one with --to'}`,
    }
  const newest = versions[0]
  if (to === undefined && current !== undefined && newest !== undefined && current !== newest)
    return {
      unchanged: `it already points at ${current.fingerprint.slice(0, 12)}, a version before ${newest.fingerprint.slice(0, 12)}; choose another one with --to`,
    }
  const target =
    to === undefined
      ? versions[1]
      : versions.find(({ fingerprint }) => fingerprint.startsWith(to.toLowerCase()))
  if (target === undefined)
    return {
      why: to === undefined ? noEarlierVersion : `no version begins with ${to}; ${others}`,
    }
  if (target === current) return { unchanged: `it already points at ${target.fingerprint.slice(0, 12)}` }
  return {
    change: {
      action: 'update-alias',
      image: names[0] ?? alias.name,
      fingerprint: target.fingerprint,
      alias: alias.name,
      etag: alias.etag ?? null,
      before: { target: alias.target, description: alias.description },
      after: { target: target.fingerprint, description: alias.description },
    },
  }
}
