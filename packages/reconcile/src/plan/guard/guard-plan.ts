import { shortFingerprint } from '@hyperkit/core/parts'
import type { Desired } from '../../desired/desired.ts'
import type { Change, Plan, PlannedServer } from '../../documents/plan.ts'

/** A change that must not be made; then no change of the plan is made. */
export interface Refusal {
  server: string
  message: string
}

/** What the guard allows on request; nothing by default. */
export interface GuardOptions {
  /** Allow pruning images that the manifest no longer names. @default false */
  allowEmpty?: boolean | undefined
}

/**
 * Checks a plan, independently of the planner, for changes that must never happen: nothing is removed that the manifest did not
 * create, and no image is deleted that the manifest wants.
 */
export function guardPlan(
  plan: Plan,
  desired: Desired,
  { allowEmpty = false }: GuardOptions = {},
): Refusal[] {
  const refusals = refuseChanges(plan, desired)
  return allowEmpty ? refusals : [...refusals, ...refuseShrunken(plan)]
}

/**
 * Refuses to prune for an empty or shrunken manifest, which no longer names an image on a server, neither as present nor as
 * absent: a file that was cut short, or a forgotten line, must not empty a server.
 */
function refuseShrunken(plan: Plan): Refusal[] {
  return plan.servers.flatMap((server) => {
    if (server.status === 'unread') return []
    const names = new Set(
      server.changes.flatMap((change) =>
        change.action === 'delete-image' && change.prune?.kind === 'dropped' ? [change.prune.name] : [],
      ),
    )
    if (names.size === 0) return []
    const list = [...names].map((name) => `"${name}"`).join(', ')
    const message = `Cannot prune "${server.name}": the manifest no longer names ${list} there; declare ${names.size === 1 ? 'it' : 'them'} with "state: absent", or confirm with --allow-empty`
    return [{ server: server.name, message }]
  })
}

function refuseChanges(plan: Plan, desired: Desired): Refusal[] {
  return plan.servers.flatMap((server) => {
    if (server.status === 'unread') return []
    const pruned = server.changes.filter((change) => change.action === 'delete-image' && change.prune)
    const maxDelete = desired.prune?.maxDelete ?? 0
    const tooMany =
      pruned.length > maxDelete
        ? [
            {
              server: server.name,
              message: `Cannot prune "${server.name}": ${pruned.length} images would be deleted, and the manifest allows ${maxDelete} (prune.maxDelete)`,
            },
          ]
        : []
    const refused = findRefused(server, plan.manifest.name, desired)
    return [...refused.map(({ message }) => ({ server: server.name, message })), ...tooMany]
  })
}

/** The changes of a server that must not be made, and why. */
export function findRefused(
  server: PlannedServer,
  owner: string,
  desired: Desired,
): { change: Change; message: string }[] {
  const wanted = desired.servers.find(({ name }) => name === server.name)?.images ?? []
  const fingerprints = new Set(wanted.map(({ fingerprint }) => fingerprint))
  const aliases = new Set(wanted.flatMap((image) => image.aliases.map(({ name }) => name)))
  return server.changes.flatMap((change) => {
    const why = refuse(change, owner, fingerprints, aliases)
    return why === undefined ? [] : [{ change, message: sentence(change, server.name, why) }]
  })
}

function refuse(
  change: Change,
  owner: string,
  fingerprints: ReadonlySet<string>,
  aliases: ReadonlySet<string>,
): string | undefined {
  if (change.action === 'update-alias' && change.owner !== undefined)
    return `it belongs to manifest ${JSON.stringify(change.owner)}, not to "${owner}"; take it over with "adopt ${change.image}", or remove it from one of the two manifests`
  if (change.action !== 'remove-alias' && change.action !== 'delete-image') return undefined
  if (change.owner !== owner) {
    const image = `its image ${shortFingerprint(change.fingerprint)} was`
    const why =
      change.owner === null
        ? `${image} not created by a manifest`
        : `${image} created by manifest ${JSON.stringify(change.owner)}, not by "${owner}"`
    return `${why}; remove it by hand, or delete its entry from the manifest`
  }
  if (change.action === 'delete-image' && fingerprints.has(change.fingerprint))
    return 'the manifest wants this image'
  const names = change.action === 'delete-image' ? change.aliases : [change.alias]
  const kept = names.find((name) => aliases.has(name))
  return kept === undefined ? undefined : `the manifest wants alias "${kept}"`
}

function sentence(change: Change, server: string, why: string): string {
  const what = 'alias' in change ? `alias "${change.alias}"` : `image "${change.image}"`
  if (change.action === 'update-alias') return `Cannot change ${what} on "${server}": ${why}`
  return `Cannot remove ${what} from "${server}": ${why}`
}
