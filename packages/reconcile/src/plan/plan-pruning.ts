import type { Desired, DesiredServer } from '../desired/desired.ts'
import type { Plan, ServerPlan } from '../documents/plan.ts'
import type { ObservedServer, ReadServer } from '../observed/observed.ts'
import { isPossible } from './find-problems.ts'
import { findLeavingAliases } from './leaving-aliases.ts'
import { planRetention } from './plan-retention.ts'

/** Options of {@link planPruning}. */
export interface PlanPruningOptions {
  now: Date
  /** Plan only the pruning, of the versions as they are now: the command `prune`. */
  alone: boolean
}

/**
 * Adds the deletions that retention allows to a plan, after all other changes. Without `prune` in the manifest the plan stays
 * as it is. If any server could not be read completely, nothing is pruned on any server, and the plan says why.
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
    const twins = twinsOf(found, observed)
    // Entries that surely share their images are pruned once, at the first of them.
    if (twins.before.some((twin) => twin.imagesProject !== undefined && found.imagesProject !== undefined))
      return server
    const entries = [found, ...twins.before, ...twins.after]
    const names = entries.map(({ name }) => name)
    const joined = join(wanted, desired, names)
    const going = new Set(
      plan.servers
        .flatMap((each) => (each.status === 'planned' && names.includes(each.name) ? each.changes : []))
        .filter(({ action }) => action === 'delete-image')
        .map(({ fingerprint }) => fingerprint),
    )
    const { deletions, spared } = planRetention(
      joined,
      found.versions.images.filter(({ fingerprint }) => !going.has(fingerprint)),
      {
        owner: manifest.name,
        now,
        maxDelete: prune.maxDelete,
        ...(alone ? {} : { held: impossibleNames(desired, entries) }),
        isLeaving: alone ? () => false : findLeavingAliases(joined, found),
        willArrive: !alone,
        usageHidden: found.versions.usageHidden,
      },
    )
    const { usageHidden } = found.versions
    const more = spared.length === 0 ? {} : { spared, ...(usageHidden === undefined ? {} : { usageHidden }) }
    return { ...server, changes: [...server.changes, ...deletions], ...more }
  })
  return { ...plan, servers }
}

/** Other entries of the manifest that have, or may have, the same images: entries of one server and one project. */
function twinsOf(
  server: ReadServer,
  observed: readonly ObservedServer[],
): { before: ReadServer[]; after: ReadServer[] } {
  const isTwin = (each: ObservedServer): each is ReadServer =>
    each.status === 'read' &&
    each !== server &&
    each.identity === server.identity &&
    (each.imagesProject ?? server.imagesProject) === (server.imagesProject ?? each.imagesProject)
  const at = observed.indexOf(server)
  return { before: observed.slice(0, at).filter(isTwin), after: observed.slice(at + 1).filter(isTwin) }
}

function impossibleNames(desired: Desired, entries: readonly ReadServer[]): Set<string> {
  return new Set(
    entries.flatMap((entry) => {
      const images = desired.servers.find(({ name }) => name === entry.name)?.images ?? []
      return images.filter((image) => !isPossible(image, entry)).flatMap(({ names }) => names)
    }),
  )
}

/** One entry must not delete what another one wants. */
function join(server: DesiredServer, desired: Desired, names: readonly string[]): DesiredServer {
  const all = [server, ...desired.servers.filter((each) => each !== server && names.includes(each.name))]
  return {
    ...server,
    images: all.flatMap(({ images }) => images),
    absent: all.flatMap(({ absent }) => absent),
    retention: all.flatMap(({ retention }) => retention ?? []),
  }
}

/** Why the state of the servers is not completely known. */
function findGap(desired: Desired, observed: readonly ObservedServer[]): string | undefined {
  // The desired content of such an image is unknown; it may be that of an old version.
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
