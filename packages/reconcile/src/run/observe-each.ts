import { HyperkitError } from '@hyperkit/core'
import { createSlowReport } from '@hyperkit/terminal'
import { renderSlow } from '@hyperkit/terminal/text'
import { expectListeners } from '../concurrency/expect-listeners.ts'
import type { DesiredServer } from '../desired/desired.ts'
import type { ArrivingDesired } from '../desired/resolve-each.ts'
import type { Plan, ServerPlan } from '../documents/plan.ts'
import type { LoadedManifest } from '../manifest/load-manifest.ts'
import type { Manifest } from '../manifest/manifest.ts'
import { checkSelection, findServers, selectServers } from '../manifest/select-servers.ts'
import type { ObservedServer } from '../observed/observed.ts'
import { createServerReader } from '../observed/read-observed.ts'
import { findTouched } from '../plan/find-touched.ts'
import { planChanges } from '../plan/plan-changes.ts'
import { narrowDesired } from '../plan/restrict-plan.ts'
import { openRegistries } from '../sources/open-registries.ts'
import { type Connections, keepOpen, openOnce } from './connections.ts'
import { createFingerprinter } from './fingerprint-files.ts'
import type { KeptDesired } from './keep-contents.ts'
import type { ObservedManifest, PlanChoice, Preparing } from './preparing.ts'
import { resolveEachLocked } from './resolve-locked.ts'

/** What a server has and should have, and the changes between them without pruning. */
export interface ObservedOne {
  desired: DesiredServer
  observed: ObservedServer
  plan: ServerPlan
}

/** The servers of a manifest, each observed as soon as it has answered. */
export interface ArrivingObservation extends Connections {
  manifest: LoadedManifest
  /** In the order of the manifest. */
  servers: readonly { name: string; observation: Promise<ObservedOne> }[]
  /** Gives equal texts for two names of the same server, if both were read. */
  identify(server: string): string
  /** All of them, when each has answered or was given up. */
  whole: Promise<ObservedManifest>
}

/**
 * Reads everything that the plan of each server needs, without waiting for other servers. The caller closes the connections, also if
 * `whole` rejects.
 *
 * @throws if the manifest, its local files or its lock file do not allow a plan; then nothing is open
 */
export async function observeEach(
  manifest: LoadedManifest,
  { frozen = false, ...selection }: PlanChoice,
  preparing: Preparing,
): Promise<ArrivingObservation> {
  const { signal, hide, note, connections, known, parallelism, places } = preparing
  const { wrapTransport, maxDocument, keepsNothing } = preparing
  const onSwitch = preparing.onSwitch ?? ((sentence: string) => void note(sentence))
  const opening = { wrapTransport, maxDocument, keepsNothing, onSwitch }
  expectListeners(signal)
  hide(manifest.secrets)
  checkSelection(manifest, selection)
  const { targets, republish = [] } = selection
  checkRepublish(manifest, republish)
  const chosen = findServers(manifest, selection.servers)
  const { open, close } = connections === undefined ? openOnce(manifest, opening) : keepOpen(connections)
  const registries = openRegistries({ ...opening, limits: preparing.registryLimits })
  const onSlow = (names: readonly string[]): void => void note(renderSlow(names))
  const resolve = (): ReturnType<typeof resolveEachLocked> =>
    resolveEachLocked(manifest, selectServers(manifest, chosen), {
      only: preparing.desired?.again,
      kept: preparing.desired?.own,
      signal,
      paths: manifest.paths,
      frozen,
      note,
      onWarning: noteOnce(note),
      open,
      ...opening,
      fingerprint: preparing.fingerprint ?? createFingerprinter({ note }),
      republish,
      targets,
      registries,
    })
  const resolved = await (preparing.desired === undefined
    ? resolve()
    : keepResolved(manifest, preparing.desired, resolve)
  ).catch(async (error: unknown) => {
    await close()
    throw error
  })
  const sources = createSlowReport(onSlow).during('the sources', resolved.whole)
  // Part of a manifest prunes nothing, and a list of all images would block the server's writes in vain.
  const versions = manifest.prune !== undefined && targets.length + chosen.length === 0
  const identities = new Map<string, string>()
  const { file, name: owner, prune, policy } = manifest
  const plan = (desired: DesiredServer, observed: ObservedServer): ServerPlan => {
    const whole = { manifest: { file, name: owner }, servers: [desired], prune, policy }
    const [planned] = planChanges(whole, [observed]).servers
    if (planned === undefined) throw new Error(`no plan was made for "${desired.name}"`)
    return planned
  }
  const read = createServerReader({
    signal,
    open,
    versions,
    known,
    parallelism,
    places,
    onSlow,
    findTouched: preparing.lists
      ? (desired, observed) => {
          const planned = plan(desired, observed)
          return findTouched(planned.status === 'planned' ? planned.changes : [])
        }
      : undefined,
  })
  const observe = async (wanted: Promise<DesiredServer>): Promise<ObservedOne> => {
    const all = { manifest: { file, name: owner }, servers: [await wanted], prune, policy }
    const narrowed = narrowDesired(all, targets)
    const [desired = await wanted] = narrowed.servers
    const observed = await read(desired)
    if (observed.status === 'read') identities.set(desired.name, observed.identity)
    return { desired, observed, plan: plan(desired, observed) }
  }
  const servers = resolved.servers
    .filter(({ name }) => chosen.length === 0 || chosen.includes(name))
    .filter(({ name }) => targets.length === 0 || hasTarget(manifest, name, targets))
    .map(({ name, desired }) => ({ name, observation: observe(desired) }))
  const identify = (server: string): string => identities.get(server) ?? server
  const join = async (): Promise<ObservedManifest> => {
    const all = await Promise.allSettled(servers.map(({ observation }) => observation))
    // Problems of the manifest are reported together.
    await sources
    const found = all.map((each) => {
      if (each.status === 'rejected') throw each.reason
      return each.value
    })
    const named = { file, name: owner }
    const plan: Plan = {
      format: 'hyperkit-plan',
      version: 1,
      manifest: named,
      servers: found.map((each) => each.plan),
    }
    const desired = { manifest: named, servers: found.map((each) => each.desired), prune, policy }
    const observed = found.map((each) => each.observed)
    return { plan, desired, observed, manifest, open, identify, close }
  }
  const whole = join()
  for (const each of [whole, sources, ...servers.map(({ observation }) => observation)])
    each.catch(() => undefined)
  return { manifest, servers, identify, whole, open, close }
}

/** What was resolved before, but for the server whose sources are read again. */
async function keepResolved(
  { servers }: Manifest,
  { servers: desiredOf, again }: KeptDesired,
  resolve: () => Promise<ArrivingDesired>,
): Promise<Pick<ArrivingDesired, 'servers'> & { whole: Promise<unknown> }> {
  const fresh = again === undefined ? [] : (await resolve()).servers.filter(({ name }) => name === again)
  return {
    servers: servers.flatMap(({ name }) => {
      if (name === again) return fresh
      const desired = desiredOf(name)
      return desired === undefined ? [] : { name, desired: Promise.resolve(desired) }
    }),
    whole: Promise.all(fresh.map(({ desired }) => desired)),
  }
}

function hasTarget({ images }: Manifest, server: string, targets: readonly string[]): boolean {
  return images.some(({ name, servers }) => servers.includes(server) && targets.includes(name))
}

/** Notes each warning of a source once: the same source may be read for several images. */
export function noteOnce(note: Preparing['note']): (sentence: string) => void {
  const noted = new Set<string>()
  return (sentence) => {
    if (!noted.has(sentence)) void note(`Warning: ${sentence}`)
    noted.add(sentence)
  }
}

/** @throws {HyperkitError} `invalid-argument` */
function checkRepublish(manifest: Manifest, names: readonly string[]): void {
  checkSelection(manifest, { targets: names, servers: [] })
  const published = manifest.images
    .filter((image) => image.state === 'present' && image.source.kind === 'instance')
    .map(({ name }) => name)
  for (const name of names)
    if (!published.includes(name))
      throw new HyperkitError(
        'invalid-argument',
        `Cannot republish image "${name}": it is not published from an instance`,
      )
}
