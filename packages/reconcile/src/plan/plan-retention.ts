import type { DesiredServer, RetentionRule } from '../desired/desired.ts'
import type { DeleteImage, PruneReason, SparedVersion } from '../documents/plan.ts'
import type { ObservedVersion } from '../observed/observed.ts'
import { readMark } from '../ownership/alias-mark.ts'
import { describeHidden } from './describe-hidden.ts'
import { listVersions, type Version } from './list-versions.ts'

export interface RetentionOptions {
  /** Name of the manifest. */
  owner: string
  now: Date
  maxDelete: number
  /** Whether an alias will no longer point at an image after the rest of the plan. */
  isLeaving(alias: string, fingerprint: string): boolean
  /** Names of images for which nothing can be planned: none of their versions is deleted. */
  held?: ReadonlySet<string>
  /** Images that other entries of the manifest want, which may mean this server or copy from it. */
  wantedElsewhere?: ReadonlySet<string>
  /** Whether the desired images will be on the server after the rest of the plan. */
  willArrive: boolean
  /** The right that this client lacks to see which versions are in use; then none is deleted. */
  usageHidden?: string | undefined
}

export interface Retention {
  deletions: DeleteImage[]
  /** Versions that retention would delete, and that something else keeps. */
  spared: SparedVersion[]
}

const day = 86_400_000

/**
 * Deletes the versions that no rule of any of their names keeps, oldest first and at most `maxDelete`. Images stay if they are
 * or may be in use, if an alias points at them, or if the manifest wants them.
 */
export function planRetention(
  desired: DesiredServer,
  images: readonly ObservedVersion[],
  options: RetentionOptions,
): Retention {
  const versions = listVersions(images, options.owner)
  const wanted = new Set(desired.images.map(({ fingerprint }) => fingerprint))
  const reasons = new Map(
    versions.flatMap((version) => {
      const { fingerprint } = version
      if (wanted.has(fingerprint) || options.wantedElsewhere?.has(fingerprint)) return []
      const reason = reasonToGo(version, versions, desired, options)
      return reason === undefined ? [] : [[version, reason] as const]
    }),
  )
  const retention: Retention = { deletions: [], spared: [] }
  for (const [version, reason] of [...reasons].reverse()) {
    const { fingerprint, size, names } = version
    const of = { image: reason.name || names.join(', '), fingerprint, bytes: size }
    const held = hold(version, reason, options, retention.deletions.length)
    const aliases = version.aliases
      .map(({ name }) => name)
      .filter((name) => !options.isLeaving(name, fingerprint))
    if (held !== undefined) retention.spared.push({ ...of, why: held })
    else
      retention.deletions.push({
        action: 'delete-image',
        ...of,
        aliases: aliases.sort(),
        owner: options.owner,
        prune: reason,
      })
  }
  return retention
}

function reasonToGo(
  version: Version,
  versions: readonly Version[],
  desired: DesiredServer,
  options: RetentionOptions,
): PruneReason | undefined {
  if (version.names.some((name) => options.held?.has(name))) return undefined
  const absent = new Set(desired.absent.map(({ name }) => name))
  const reasons: PruneReason[] = []
  for (const name of version.names) {
    const rules = desired.retention?.filter((each) => each.name === name) ?? []
    if (rules.length === 0) reasons.push({ kind: absent.has(name) ? 'absent' : 'dropped', name })
    for (const rule of rules) {
      const reason = outlives(version, versions, rule, options)
      if (reason === undefined) return undefined
      reasons.push(reason)
    }
  }
  const [first] = (['dropped', 'superseded', 'absent'] as const).flatMap((kind) =>
    reasons.filter((reason) => reason.kind === kind),
  )
  return first
}

/** Why the rule of a name does not keep a version; undefined if it does. */
function outlives(
  version: Version,
  versions: readonly Version[],
  { name, fingerprint: wanted, keep, keepDays }: RetentionRule,
  { now, willArrive }: RetentionOptions,
): PruneReason | undefined {
  if (keep === undefined && keepDays === undefined) return undefined
  const own = versions.filter(({ names }) => names.includes(name))
  const current = versions.find(({ fingerprint }) => fingerprint === wanted)
  // The desired image counts as the first version, whenever it was uploaded, and also before it is uploaded.
  const isToCome = current === undefined && willArrive
  const line = [...(current ? [current] : []), ...own.filter((each) => each !== current)]
  const index = line.indexOf(version)
  const position = index + 1 + (isToCome ? 1 : 0)
  if (position <= (keep ?? 1)) return undefined
  const uploaded = version.uploadedAt
  if (keepDays !== undefined) {
    const newer = index > 0 ? line[index - 1]?.uploadedAt : isToCome ? now : undefined
    if (uploaded === undefined || newer === undefined) return undefined
    const replaced = Math.max(newer.getTime(), uploaded.getTime())
    if (now.getTime() - replaced < keepDays * day) return undefined
  }
  return {
    kind: 'superseded',
    name,
    position,
    keep: keep ?? 1,
    ...(keepDays === undefined ? {} : { keepDays }),
    uploadedAt: uploaded?.toISOString() ?? null,
  }
}

function hold(
  { inUse, aliases, fingerprint }: Version,
  { kind }: PruneReason,
  { owner, maxDelete, isLeaving, usageHidden }: RetentionOptions,
  count: number,
): string | undefined {
  if (inUse === undefined) return describeHidden(usageHidden ?? 'the right to see what uses it')
  if (inUse) return 'an instance, a snapshot or a profile uses it'
  const naming = aliases.find(
    ({ name, description }) =>
      !isLeaving(name, fingerprint) && (kind !== 'dropped' || readMark(description).owner !== owner),
  )
  if (naming !== undefined) return `alias "${naming.name}" points at it`
  return count >= maxDelete ? `prune.maxDelete allows ${maxDelete} at a time` : undefined
}
