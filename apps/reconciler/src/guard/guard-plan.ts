import type { Desired } from '../desired/desired.ts'
import type { Change, Plan } from '../plan/plan.ts'

/** A change that must not be done; nothing of the plan is done then. */
export interface Refusal {
  server: string
  message: string
}

/**
 * Holds a plan against what must never happen, whatever the planner thought: nothing is removed that the manifest did not
 * create, and no image goes that the manifest wants.
 */
export function guardPlan(plan: Plan, desired: Desired): Refusal[] {
  return plan.servers.flatMap((server) => {
    if (server.status === 'unread') return []
    const wanted = desired.servers.find(({ name }) => name === server.name)?.images ?? []
    const fingerprints = new Set(wanted.map(({ fingerprint }) => fingerprint))
    const aliases = new Set(wanted.flatMap((image) => image.aliases.map(({ name }) => name)))
    return server.changes.flatMap((change) => {
      const why = refuse(change, plan.manifest.name, fingerprints, aliases)
      return why === undefined ? [] : [{ server: server.name, message: sentence(change, server.name, why) }]
    })
  })
}

function refuse(
  change: Change,
  owner: string,
  fingerprints: ReadonlySet<string>,
  aliases: ReadonlySet<string>,
): string | undefined {
  if (change.action === 'update-alias' && change.owner !== undefined)
    return `it belongs to manifest "${change.owner}", not to "${owner}"; take it over with "adopt ${change.image}", or drop it from one of the two`
  if (change.action !== 'remove-alias' && change.action !== 'delete-image') return undefined
  if (change.owner !== owner) {
    const who = change.owner === null ? 'by no manifest' : `by manifest "${change.owner}"`
    return `its image ${change.fingerprint.slice(0, 12)} was created ${who}, not by "${owner}"; remove it by hand, or drop it from the manifest`
  }
  if (change.action === 'delete-image' && fingerprints.has(change.fingerprint))
    return 'the manifest wants this very image'
  const names = change.action === 'delete-image' ? change.aliases : [change.alias]
  const kept = names.find((name) => aliases.has(name))
  return kept === undefined ? undefined : `the manifest wants alias "${kept}"`
}

function sentence(change: Change, server: string, why: string): string {
  const what = 'alias' in change ? `alias "${change.alias}"` : `image "${change.image}"`
  if (change.action === 'update-alias') return `Cannot change ${what} on "${server}": ${why}`
  return `Cannot remove ${what} from "${server}": ${why}`
}
