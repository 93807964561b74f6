import { carryOutPlan } from '../apply/carry-out-plan.ts'
import { openUploadNotes } from '../apply/upload-notes.ts'
import type { AuditOptions } from '../audit/audit.ts'
import type { ApplyReport } from '../documents/apply-report.ts'
import type { PlannedServer, ServerPlan } from '../documents/plan.ts'
import type { Manifest, ManifestImage } from '../manifest/manifest.ts'
import { findServers } from '../manifest/select-servers.ts'
import type { ApplyEvent } from '../plan/apply-event.ts'
import { withEarlierWaves } from '../plan/plan-rollout.ts'
import { renderEvent } from '../render/render-event.ts'
import { explainRollout, paused } from '../render/render-rollout.ts'
import { renderWaiting } from '../render/render-waiting.ts'
import type { WatchEvent } from '../render/watch-event.ts'
import { describeFailure } from '../sources/describe-failure.ts'
import type { OpenOptions } from '../sources/wrap-transport.ts'
import { createEventFilter } from '../watch/create-event-filter.ts'
import type { LoadedWatch } from '../watch/keep-manifest.ts'
import type { MetricsText } from '../watch/metrics/watch-metrics.ts'
import type { PassResult, ServerResult } from '../watch/pass-result.ts'
import type { RunWatchOptions } from '../watch/run-watch.ts'
import { pickServer } from './pick-server.ts'
import { type PlanChoice, type PreparedPlan, type Preparing, planLoaded } from './prepare-plan.ts'
import { describeNothing, describeRun } from './write-report.ts'

export interface WatchPassOptions extends OpenOptions {
  signal: AbortSignal
  choice: PlanChoice
  isDry: boolean
  /** Milliseconds. */
  lockTimeout: number
  fingerprint: NonNullable<Preparing['fingerprint']>
  hide: Preparing['hide']
  /** How changes are recorded. @default not at all */
  audit?: AuditOptions | undefined
  progress: ShownProgress
  tell(event: WatchEvent): void
  metrics: MetricsText
}

/** Shows the events of an apply. */
export interface ShownProgress {
  /** Called for each event. */
  take(event: ApplyEvent): void
  /** Called when the apply has ended. */
  stop(): void
}

/** Creates a pass of a watch, which plans, guards and applies like the commands of these names, but without questions. */
export function createWatchPass(options: WatchPassOptions): RunWatchOptions['runPass'] {
  const { signal, choice, hide, fingerprint, tell, wrapTransport, maxDocument } = options
  let lastNote = ''
  const note = async (sentence: string): Promise<void> => {
    if (sentence !== lastNote) tell({ kind: 'message', message: sentence, isNote: true })
    lastNote = sentence
  }
  const preparing: Preparing = {
    signal,
    hide,
    note,
    fingerprint,
    wrapTransport,
    maxDocument,
    keepsNothing: options.isDry,
  }
  return async (loaded, wanted) => {
    const names = loaded.servers.map(({ name }) => name)
    const needed = wanted === 'all' ? new Set(names) : withEarlierWaves(loaded.manifest, wanted)
    const servers = names.filter((name) => needed.has(name))
    const isAll = servers.length === names.length
    const nothing = { servers: servers.map(untouched), refusals: [] }
    if (servers.length === 0) return { ...nothing, report: () => describeNothing(loaded.manifest) }
    try {
      const selection = { ...choice, servers: isAll ? choice.servers : servers }
      const prepared = await planLoaded(loaded.manifest, selection, preparing)
      return await carryOut(prepared, servers, { choice: selection, preparing }, options).finally(
        prepared.close,
      )
    } catch (error) {
      const failure = describeFailure(error)
      return { ...nothing, failure, report: () => describeNothing(loaded.manifest, failure.message) }
    }
  }
}

function untouched(name: string): ServerResult {
  return { name, results: [], pending: [] }
}

/** How the plan of a pass is made. */
interface PassPlanning {
  choice: PlanChoice
  preparing: Preparing
}

async function carryOut(
  prepared: PreparedPlan,
  servers: readonly string[],
  planning: PassPlanning,
  options: WatchPassOptions,
): Promise<PassResult> {
  const isToDo = !options.isDry && prepared.refusals.length === 0
  const outcome = isToDo ? await apply(prepared, planning, options) : undefined
  const planned = prepared.plan.servers.map((server) => describeServer(server, prepared, outcome))
  return {
    // A server that is only a source for others has no plan.
    servers: servers.map((name) => planned.find((server) => server.name === name) ?? untouched(name)),
    rollout: outcome && explainRollout(outcome),
    refusals: prepared.refusals.map(({ message }) => message),
    report: () => describeRun(prepared, outcome),
  }
}

function describeServer(
  planned: ServerPlan,
  { desired, observed }: PreparedPlan,
  outcome: ApplyReport | undefined,
): ServerResult {
  const { name } = planned
  if (planned.status === 'unread') return { ...untouched(name), failure: planned.error }
  const report = outcome?.servers.find((server) => server.name === name)
  if (outcome !== undefined && report?.status === 'waiting') return describeWaiting(planned, outcome)
  const results = report?.results ?? []
  const undone = results.find((result) => result.outcome !== 'done')
  const failure = undone?.error ?? report?.error ?? (report ?? planned).problems?.[0]?.error
  const wanted = desired.servers.find((server) => server.name === name)
  const found = observed.find((server) => server.name === name)
  return {
    name,
    results,
    pending: outcome === undefined ? planned.changes : [],
    ...(failure === undefined ? {} : { failure }),
    ...(wanted !== undefined && found?.status === 'read' ? { filter: createEventFilter(wanted, found) } : {}),
  }
}

/** A server whose wave did not begin. */
function describeWaiting({ name, changes }: PlannedServer, outcome: ApplyReport): ServerResult {
  const failure = explainRollout(outcome).find(({ code }) => code === paused)
  return { ...untouched(name), pending: changes, ...(failure === undefined ? {} : { failure }) }
}

function apply(
  { plan, open, identify, desired, observed, manifest }: PreparedPlan,
  { choice, preparing }: PassPlanning,
  { signal, lockTimeout, progress, tell, metrics, wrapTransport, maxDocument, audit }: WatchPassOptions,
): Promise<ApplyReport> {
  const count = countBytes(metrics)
  const onEvent = (event: ApplyEvent): void => {
    progress.take(event)
    count(event)
    if (event.kind === 'ended' && event.result.outcome === 'done')
      tell({ kind: 'change', server: event.server, result: event.result })
    if (event.kind === 'warned') tell(event)
    if (event.kind === 'waiting') tell({ kind: 'message', message: renderEvent(event), isNote: true })
  }
  return carryOutPlan(plan, {
    signal,
    open,
    wrapTransport,
    maxDocument,
    identify,
    desired,
    notes: openUploadNotes(plan.manifest.name),
    onEvent,
    rollout: manifest.rollout && {
      ...manifest.rollout,
      onNote: (message) => tell({ kind: 'message', message, isNote: true }),
    },
    audit,
    lock: {
      timeout: lockTimeout,
      onWait: (server, holder) =>
        tell({ kind: 'message', message: renderWaiting(server, holder), isNote: true }),
    },
    async planAgain(server) {
      const known = observed.filter(({ name }) => name !== server)
      const again = await planLoaded(manifest, choice, { ...preparing, known })
      return again.close().then(() => pickServer(again, server, plan))
    },
  }).finally(progress.stop)
}

/** Counts bytes while they are sent, so that those of a failed transfer are included. */
function countBytes({ families }: MetricsText): (event: ApplyEvent) => void {
  const counted = new Map<object, number>()
  return (event) => {
    if (event.kind !== 'moved') return
    const before = counted.get(event.change) ?? 0
    const now = event.progress.bytes ?? before
    if (now <= before) return
    counted.set(event.change, now)
    families.sent.add(now - before, { server: event.server })
  }
}

/** The servers that a watch of a manifest listens to: those that a pass reads, and servers that are sources. */
export function watchedServers(manifest: Manifest, { servers, targets }: PlanChoice): LoadedWatch['servers'] {
  const chosen = findServers(manifest, servers)
  const images = manifest.images.filter(({ name }) => targets.length === 0 || targets.includes(name))
  const used = new Set(images.flatMap((image) => [...image.servers, ...sourceServer(image)]))
  const prunes = manifest.prune !== undefined && targets.length === 0
  return manifest.servers.filter(
    ({ name }) => (servers.length === 0 || chosen.includes(name)) && (used.has(name) || prunes),
  )
}

function sourceServer(image: ManifestImage): string[] {
  return image.state === 'present' && image.source.kind === 'server' ? [image.source.server] : []
}
