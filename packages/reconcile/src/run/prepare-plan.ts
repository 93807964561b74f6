import { type Client, HyperkitError } from '@hyperkit/core'
import { createSlowReport } from '../concurrency/create-slow-report.ts'
import type { Desired } from '../desired/desired.ts'
import type { Plan } from '../documents/plan.ts'
import { type LoadedManifest, loadManifest } from '../manifest/load-manifest.ts'
import type { Manifest } from '../manifest/manifest.ts'
import { checkSelection, findServers, type Selection, selectServers } from '../manifest/select-servers.ts'
import type { ObservedServer } from '../observed/observed.ts'
import { openClient } from '../observed/open-client.ts'
import { readObserved } from '../observed/read-observed.ts'
import { checkPolicy } from '../plan/guard/check-policy.ts'
import { type GuardOptions, guardPlan, type Refusal } from '../plan/guard/guard-plan.ts'
import { guardPolicy } from '../plan/guard/guard-policy.ts'
import { refuseImages } from '../plan/guard/refuse-images.ts'
import { planChanges } from '../plan/plan-changes.ts'
import { planPruning } from '../plan/plan-pruning.ts'
import { planRollout } from '../plan/plan-rollout.ts'
import { narrowDesired, restrictPlan } from '../plan/restrict-plan.ts'
import { renderSlow } from '../render/render-waiting.ts'
import type { Fingerprinter } from '../sources/source-context.ts'
import type { OpenOptions } from '../sources/wrap-transport.ts'
import { createFingerprinter } from './fingerprint-files.ts'
import { measureSpace } from './measure-space.ts'
import { resolveLocked } from './resolve-locked.ts'

/** Which part of a manifest is planned, and how. */
export interface PlanChoice extends Selection {
  /** Refuse differences from the lock file. */
  frozen?: boolean | undefined
  /** Images to publish again, even if they were published before. */
  republish?: readonly string[] | undefined
}

/** What a plan is made from. */
export interface PlanInput extends PlanChoice {
  /** The files and folders of the manifest. */
  paths: readonly string[]
}

/** Clients for the servers of a manifest. */
export interface Connections {
  /** The client of a server, opened at the first call. */
  open(server: string): Promise<Client>
  /** Closes all connections. */
  close(): Promise<void>
}

/** A plan that can be carried out, with its refusals and the connections that it was made over. */
export interface Prepared extends Connections {
  plan: Plan
  /** Why the plan must not be carried out; empty if it may be. */
  refusals: Refusal[]
  /** The desired state that the plan was made from; undefined for a rollback. */
  desired?: Desired | undefined
  /** Gives equal texts for two names of the same server. */
  identify(server: string): string
}

/** What planning needs from the command. */
export interface Preparing extends OpenOptions {
  signal: AbortSignal
  /** Called with the secrets of a manifest, before any message can contain them. */
  hide(secrets: Manifest['secrets']): void
  /** Called with a sentence for the user that is not an error. */
  note(sentence: string): Promise<void>
  /** How files of sources are hashed. @default files that are unchanged since an earlier run are not read */
  fingerprint?: Fingerprinter | undefined
  /** Connections to use, which the caller closes. @default new ones, which the plan's `close` closes */
  connections?: Connections | undefined
  /** Servers that were read before, and need not be read again. @default none */
  known?: readonly ObservedServer[] | undefined
}

/** The desired state, the observed state, and the changes between them without pruning. */
export interface ObservedManifest extends Omit<Prepared, 'refusals' | 'desired'> {
  desired: Desired
  observed: ObservedServer[]
  manifest: LoadedManifest
}

/** A plan with everything that it was made from. */
export interface PreparedPlan extends Prepared, ObservedManifest {
  desired: Desired
}

/** Plans from the files of a manifest, as both `plan` and `apply` do. */
export async function preparePlan(
  input: PlanInput,
  preparing: Preparing,
  options: GuardOptions = {},
): Promise<PreparedPlan> {
  return planLoaded(await loadManifest(input.paths), input, preparing, options)
}

/**
 * Plans from a loaded manifest.
 *
 * @throws {ManifestError} also with entries that break the policy, before anything is read
 */
export async function planLoaded(
  manifest: LoadedManifest,
  selection: PlanChoice,
  preparing: Preparing,
  { allowEmpty }: GuardOptions = {},
): Promise<PreparedPlan> {
  checkPolicy(manifest)
  const { plan: whole, ...rest } = await observeLoaded(manifest, selection, preparing)
  const { desired, observed } = rest
  const changes = refuseImages(whole, desired)
  // Another entry of the manifest may be the same server, and need images that this part would prune.
  const isPart = selection.targets.length + selection.servers.length > 0
  const pruned =
    isPart && desired.prune !== undefined
      ? { ...changes, notPruned: 'only part of the manifest was planned' }
      : planPruning(changes, desired, observed, { now: new Date(), alone: false })
  const asked = measureSpace(restrictPlan(pruned, desired, selection.targets), {
    signal: preparing.signal,
    open: rest.open,
    except: preparing.known?.map(({ name }) => name) ?? [],
  })
  const measured = await asked.catch(async (error: unknown) => {
    await rest.close()
    throw error
  })
  const plan = planRollout(measured, manifest)
  const refusals = [...guardPlan(plan, desired, { allowEmpty }), ...guardPolicy(manifest, desired, observed)]
  return { ...rest, plan, refusals }
}

/** Reads everything that a plan needs, for commands that plan in other ways. */
export async function observeManifest(
  paths: readonly string[],
  preparing: Preparing,
): Promise<ObservedManifest> {
  return observeLoaded(await loadManifest(paths), { targets: [], servers: [] }, preparing)
}

async function observeLoaded(
  manifest: LoadedManifest,
  { frozen = false, ...selection }: PlanChoice,
  {
    signal,
    hide,
    note,
    fingerprint = createFingerprinter({ note }),
    connections,
    known,
    wrapTransport,
    maxDocument,
    keepsNothing,
  }: Preparing,
): Promise<ObservedManifest> {
  hide(manifest.secrets)
  checkSelection(manifest, selection)
  const { targets, republish = [] } = selection
  checkRepublish(manifest, republish)
  const servers = findServers(manifest, selection.servers)
  const opening = { wrapTransport, maxDocument, keepsNothing }
  const { open, close } = connections === undefined ? openOnce(manifest, opening) : keepOpen(connections)
  try {
    const part = selectServers(manifest, servers)
    const onSlow = (names: readonly string[]): void => void note(renderSlow(names))
    const slow = createSlowReport(onSlow)
    const resolving = resolveLocked(manifest, part, {
      signal,
      paths: manifest.paths,
      frozen,
      note,
      onWarning: noteOnce(note),
      open,
      ...opening,
      fingerprint,
      republish,
      targets,
    })
    const resolved = await slow.during('the sources', resolving)
    const desired = narrowDesired(
      servers.length === 0
        ? resolved
        : { ...resolved, servers: resolved.servers.filter(({ name }) => servers.includes(name)) },
      targets,
    )
    // Part of a manifest prunes nothing, and a list of all images would block the server's writes in vain.
    const versions = desired.prune !== undefined && targets.length + servers.length === 0
    const observed = await readObserved(desired, { signal, open, versions, known, onSlow })
    const plan = planChanges(desired, observed)
    const identities = new Map(
      observed.map((server) => [server.name, server.status === 'read' ? server.identity : server.name]),
    )
    const identify = (server: string): string => identities.get(server) ?? server
    return { plan, desired, observed, manifest, open, identify, close }
  } catch (error) {
    await close()
    throw error
  }
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

/** Opens one client for each server, when it is first needed. */
export function openOnce(manifest: Pick<Manifest, 'servers'>, options: OpenOptions = {}): Connections {
  const clients = new Map<string, Promise<Client>>()
  return {
    open(name) {
      const server = manifest.servers.find((candidate) => candidate.name === name)
      if (server === undefined) throw new Error(`The manifest has no server "${name}"`)
      const client = clients.get(name) ?? openClient(server, options)
      clients.set(name, client)
      return client
    },
    async close() {
      for (const client of await Promise.allSettled(clients.values()))
        if (client.status === 'fulfilled') client.value.close()
    },
  }
}

function keepOpen({ open }: Connections): Connections {
  return { open, close: async () => {} }
}
