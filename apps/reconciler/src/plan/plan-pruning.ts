import type { Desired, DesiredServer } from '../desired/desired.ts'
import type { ObservedServer } from '../observed/observed.ts'
import { leavesOf } from './leaves.ts'
import type { Plan, ServerPlan } from './plan.ts'
import { planRetention } from './plan-retention.ts'

/** Options of {@link planPruning}. */
export interface PlanPruningOptions {
  now: Date
  /** Nothing but what is pruned, as things are now: the command `prune`. */
  alone: boolean
}

/**
 * Adds to a plan what retention lets go, after everything else; as it is where the manifest has no `prune`. Where any server
 * could not be read wholly, nothing is pruned anywhere, and the plan says why.
 */
export function planPruning(
  plan: Plan,
  desired: Desired,
  observed: readonly ObservedServer[],
  { now, alone }: PlanPruningOptions,
): Plan {
  const { prune, manifest } = desired
  if (prune === undefined) return plan
  const notPruned = findGap(desired, observed)
  if (notPruned !== undefined) return { ...plan, notPruned }
  const servers = plan.servers.map((server): ServerPlan => {
    const wanted = desired.servers.find(({ name }) => name === server.name)
    const found = observed.find(({ name }) => name === server.name)
    if (server.status === 'unread' || wanted === undefined || found?.status !== 'read') return server
    if (found.versions?.status !== 'read') return server
    const going = new Set(
      server.changes.filter(({ action }) => action === 'delete-image').map(({ fingerprint }) => fingerprint),
    )
    const { deletions, spared } = planRetention(
      withTwins(wanted, desired, observed),
      found.versions.images.filter(({ fingerprint }) => !going.has(fingerprint)),
      {
        owner: manifest.name,
        now,
        maxDelete: prune.maxDelete,
        leaves: alone ? () => false : leavesOf(wanted, found),
        willArrive: !alone,
      },
    )
    const more = spared.length === 0 ? {} : { spared }
    return { ...server, changes: [...server.changes, ...deletions], ...more }
  })
  return { ...plan, servers }
}

/** Two entries of the manifest can be one server: what the one wants, the other must not let go. */
function withTwins(
  server: DesiredServer,
  desired: Desired,
  observed: readonly ObservedServer[],
): DesiredServer {
  const identify = (name: string): string => {
    const found = observed.find((each) => each.name === name)
    return found?.status === 'read' ? found.identity : name
  }
  const twins = desired.servers.filter((each) => identify(each.name) === identify(server.name))
  const all = [server, ...twins.filter((each) => each !== server)]
  return {
    ...server,
    images: all.flatMap(({ images }) => images),
    retention: all.flatMap(({ retention }) => retention ?? []),
  }
}

/** Why it is not known what there is. */
function findGap(desired: Desired, observed: readonly ObservedServer[]): string | undefined {
  // What an image is to be is not known then: it may be what an old version is.
  for (const { unresolved = [] } of desired.servers)
    for (const { name } of unresolved) return `the source of image "${name}" could not be read`
  for (const server of observed) {
    if (server.status === 'unread')
      return `server "${server.name}" could not be read: ${server.error.message}`
    if (server.versions === undefined) return `the versions on "${server.name}" were not read`
    if (server.versions.status === 'unread') return server.versions.error.message
  }
  return undefined
}
