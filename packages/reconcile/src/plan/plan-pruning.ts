import type { Desired, DesiredServer } from '../desired/desired.ts'
import type { Plan, ServerPlan } from '../documents/plan.ts'
import type { ObservedServer, ReadServer } from '../observed/observed.ts'
import { isPossible } from './find-problems.ts'
import { findLeavingAliases } from './leaving-aliases.ts'
import { planRetention } from './plan-retention.ts'
import { isSame, mayBeSame } from './same-server.ts'

/** Options of {@link planPruning}. */
export interface PlanPruningOptions {
  now: Date
  /** Plan only the pruning, of the versions as they are now: the command `prune`. */
  alone: boolean
}

/**
 * Adds the deletions that retention allows to a plan, after all other changes. Without `prune` in the manifest the plan stays
 * as it is. Each server is judged by itself: one that could not be read completely, or whose image has a source that could not be
 * read, is not pruned, and its plan says why. Whatever an entry of the manifest wants stays on all servers that it may mean.
 */
export function planPruning(
  plan: Plan,
  desired: Desired,
  observed: readonly ObservedServer[],
  options: PlanPruningOptions,
): Plan {
  if (desired.prune === undefined) return plan
  const pruning: Pruning = { ...options, plan, desired, observed, maxDelete: desired.prune.maxDelete }
  return { ...plan, servers: plan.servers.map((server) => pruneServer(server, pruning)) }
}

interface Pruning extends PlanPruningOptions {
  plan: Plan
  desired: Desired
  observed: readonly ObservedServer[]
  maxDelete: number
}

function pruneServer(server: ServerPlan, pruning: Pruning): ServerPlan {
  const { desired, observed, now, alone, maxDelete } = pruning
  const wanted = desired.servers.find(({ name }) => name === server.name)
  const found = observed.find(({ name }) => name === server.name)
  if (server.status === 'unread' || wanted === undefined || found?.status !== 'read') return server
  const related = observed.filter((each) => each !== found && mayBeSame(found, each))
  const doubtful = related.filter((each) => !isSame(found, each))
  const notPruned = findGap(found, [found, ...related], pruning)
  if (notPruned !== undefined) return { ...server, notPruned }
  if (found.versions?.status !== 'read') return server
  const twins = twinsOf(found, observed)
  // Entries that surely share their images are pruned once, at the first of them.
  if (twins.before.some((twin) => twin.imagesProject !== undefined && found.imagesProject !== undefined))
    return server
  const entries = [found, ...twins.before, ...twins.after]
  const names = entries.map(({ name }) => name)
  const others = desired.servers.filter(({ name }) => doubtful.some((each) => each.name === name))
  const joined = join(wanted, desired, names, others)
  const going = goingFrom(pruning.plan, names)
  const { deletions, spared } = planRetention(
    joined,
    found.versions.images.filter(({ fingerprint }) => !going.has(fingerprint)),
    {
      owner: desired.manifest.name,
      now,
      maxDelete,
      held: new Set([
        ...(alone ? [] : impossibleNames(desired, entries)),
        ...(alone ? [] : problemNames(pruning.plan, desired, names)),
        ...namesOnlyOf(others, joined),
      ]),
      wantedElsewhere: wantedBy(others, copiesFrom(names, pruning)),
      isLeaving: alone ? () => false : findLeavingAliases(joined, found),
      willArrive: !alone,
      usageHidden: found.versions.usageHidden,
    },
  )
  const { usageHidden } = found.versions
  const more = spared.length === 0 ? {} : { spared, ...(usageHidden === undefined ? {} : { usageHidden }) }
  return { ...server, changes: [...server.changes, ...deletions], ...more }
}

/** Fingerprints of images that the plan deletes anyway from servers of these names. */
function goingFrom(plan: Plan, names: readonly string[]): Set<string> {
  const changes = plan.servers.flatMap((each) =>
    each.status === 'planned' && names.includes(each.name) ? each.changes : [],
  )
  return new Set(
    changes.filter(({ action }) => action === 'delete-image').map(({ fingerprint }) => fingerprint),
  )
}

/** Other entries of the manifest that surely have the same images. */
function twinsOf(
  server: ReadServer,
  observed: readonly ObservedServer[],
): { before: ReadServer[]; after: ReadServer[] } {
  const isTwin = (each: ObservedServer): each is ReadServer => each !== server && isSame(server, each)
  const at = observed.indexOf(server)
  return { before: observed.slice(0, at).filter(isTwin), after: observed.slice(at + 1).filter(isTwin) }
}

function impossibleNames(desired: Desired, entries: readonly ReadServer[]): string[] {
  return entries.flatMap((entry) => {
    const images = desired.servers.find(({ name }) => name === entry.name)?.images ?? []
    return images.filter((image) => !isPossible(image, entry)).flatMap(({ names }) => names)
  })
}

/** All names of images for which something is refused: a problem has one of them. */
function problemNames(plan: Plan, desired: Desired, servers: readonly string[]): string[] {
  return plan.servers.flatMap((each) => {
    if (each.status !== 'planned' || !servers.includes(each.name)) return []
    const wanted = desired.servers.find(({ name }) => name === each.name)?.images ?? []
    return (each.problems ?? []).flatMap(({ image }) => [
      image,
      ...wanted.filter(({ names }) => names.includes(image)).flatMap(({ names }) => names),
    ])
  })
}

/**
 * One entry must not delete what another one wants.
 *
 * @param names entries that are surely the same server
 * @param others entries that may be
 */
function join(
  server: DesiredServer,
  desired: Desired,
  names: readonly string[],
  others: readonly DesiredServer[],
): DesiredServer {
  const all = [server, ...desired.servers.filter((each) => each !== server && names.includes(each.name))]
  const retention = all.flatMap((each) => each.retention ?? [])
  const known = new Set(retention.map(({ name }) => name))
  const more = others.flatMap((each) => each.retention ?? []).filter(({ name }) => known.has(name))
  return {
    ...server,
    images: all.flatMap(({ images }) => images),
    absent: all.flatMap(({ absent }) => absent),
    retention: [...retention, ...more],
  }
}

/** Names that only entries have which may be the same server: all their versions stay. */
function namesOnlyOf(others: readonly DesiredServer[], { retention = [] }: DesiredServer): string[] {
  const known = new Set(retention.map(({ name }) => name))
  return others
    .flatMap((each) => (each.retention ?? []).map(({ name }) => name))
    .filter((name) => !known.has(name))
}

function wantedBy(others: readonly DesiredServer[], copies: readonly string[]): Set<string> {
  return new Set([...copies, ...others.flatMap(({ images }) => images.map(({ fingerprint }) => fingerprint))])
}

/** Fingerprints that servers which could not be read want to copy from servers of these names. */
function copiesFrom(names: readonly string[], { desired, observed }: Pruning): string[] {
  const unread = new Set(observed.filter(({ status }) => status === 'unread').map(({ name }) => name))
  return desired.servers
    .filter(({ name }) => unread.has(name))
    .flatMap(({ images }) => images)
    .filter(({ origin }) => origin.kind === 'copy' && names.includes(origin.server))
    .map(({ fingerprint }) => fingerprint)
}

/** Why the state of a server is not completely known, or what entries want that may mean it. */
function findGap(
  { name: server, versions }: ReadServer,
  entries: readonly ObservedServer[],
  { desired }: Pruning,
): string | undefined {
  for (const { name: entry } of entries) {
    const wanted = desired.servers.find(({ name }) => name === entry)
    // The desired content of such an image is unknown; it may be that of an old version.
    for (const { name } of wanted?.unresolved ?? []) {
      const where = entry === server ? '' : `, and "${entry}", which wants it, may be the same server`
      return `the source of image "${name}" could not be read${where}`
    }
  }
  if (versions === undefined) return 'its versions were not read'
  return versions.status === 'unread' ? versions.error.message : undefined
}
