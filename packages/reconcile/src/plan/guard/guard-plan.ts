import type { Desired } from '../../desired/desired.ts'
import type { Change, Plan } from '../../documents/plan.ts'

/** A change that must not be done; nothing of the plan is done then. */
export interface Refusal {
  server: string
  message: string
}

/** What the guard lets through when asked; nothing by default. */
export interface GuardOptions {
  /** Images that the manifest does not name any more may be pruned. @default false */
  allowEmpty?: boolean | undefined
}

/**
 * Holds a plan against what must never happen, whatever the planner thought: nothing is removed that the manifest did not
 * create, and no image goes that the manifest wants.
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
 * A manifest is empty or shrunken on a server where pruning would delete versions of an image that it does not name there
 * any more, neither as present nor as absent: a file that was cut short, or a forgotten line, must not empty a server.
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
    const message = `Cannot prune "${server.name}": the manifest does not name ${list} there any more; declare ${names.size === 1 ? 'it' : 'them'} with "state: absent", or give --allow-empty if that is meant`
    return [{ server: server.name, message }]
  })
}

function refuseChanges(plan: Plan, desired: Desired): Refusal[] {
  return plan.servers.flatMap((server) => {
    if (server.status === 'unread') return []
    const wanted = desired.servers.find(({ name }) => name === server.name)?.images ?? []
    const fingerprints = new Set(wanted.map(({ fingerprint }) => fingerprint))
    const aliases = new Set(wanted.flatMap((image) => image.aliases.map(({ name }) => name)))
    const pruned = server.changes.filter((change) => change.action === 'delete-image' && change.prune)
    const maxDelete = desired.prune?.maxDelete ?? 0
    const tooMany =
      pruned.length > maxDelete
        ? [
            {
              server: server.name,
              message: `Cannot prune "${server.name}": ${pruned.length} images would go, and the manifest allows ${maxDelete}`,
            },
          ]
        : []
    const refused = server.changes.flatMap((change) => {
      const why = refuse(change, plan.manifest.name, fingerprints, aliases)
      return why === undefined ? [] : [{ server: server.name, message: sentence(change, server.name, why) }]
    })
    return [...refused, ...tooMany]
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
