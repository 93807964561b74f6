import { openUploadNotes } from '../apply/upload-notes.ts'
import type { AuditOptions } from '../audit/audit.ts'
import { createSemaphore, type Semaphore } from '../concurrency/semaphore.ts'
import { serversAtOnce } from '../concurrency/servers-at-once.ts'
import type { ApplyReport, ServerReport } from '../documents/apply-report.ts'
import type { Failure } from '../documents/error.ts'
import type { PlannedServer, ServerPlan } from '../documents/plan.ts'
import type { Manifest, ManifestImage } from '../manifest/manifest.ts'
import { findServers } from '../manifest/select-servers.ts'
import type { KnownServers } from '../observed/read-observed.ts'
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
import { arrivedPlan } from './arrived-plan.ts'
import { carryOutArriving } from './carry-out-arriving.ts'
import { leaveCopies } from './leave-copies.ts'
import { type ArrivingPlan, type BegunServer, planEach } from './plan-each.ts'
import type { PlanChoice, Preparing } from './preparing.ts'
import { describeNothing, describeRun } from './write-report.ts'

export interface WatchPassOptions extends OpenOptions {
  signal: AbortSignal
  choice: PlanChoice
  isDry: boolean
  /** Milliseconds. */
  lockTimeout: number
  /** How many servers are worked on at once. @default 16 */
  parallelism?: number | undefined
  /** How many images of a server are worked on at once, unless the manifest says so. @default 4 */
  imagesPerServer?: number | undefined
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
  const { parallelism = serversAtOnce } = options
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
    places: createSemaphore(parallelism),
    imagesPerServer: options.imagesPerServer,
    lists: true,
    wrapTransport,
    maxDocument,
    keepsNothing: options.isDry,
    // Each pass asks again what tags mean, but no registry sooner than it wants.
    registryLimits: new Map(),
  }
  const places = createSemaphore(parallelism)
  return async (loaded, { servers: wanted, except = [] }, _settled, onWorked) => {
    const names = loaded.servers.map(({ name }) => name)
    const needed = wanted === 'all' ? new Set(names) : withEarlierWaves(loaded.manifest, wanted)
    const isAll = needed.size >= names.length && names.every((name) => needed.has(name))
    const servers = names.filter((name) => needed.has(name) && !except.includes(name))
    const nothing = { servers: servers.map(untouched), refusals: [] }
    if (servers.length === 0) return { ...nothing, report: () => describeNothing(loaded.manifest) }
    try {
      const selection = { ...choice, servers: isAll ? choice.servers : servers }
      const making = { choice: selection, preparing: { ...preparing, known: leaveTo(except) } }
      const arriving = await planEach(loaded.manifest, selection, making.preparing)
      return await carryOut(arriving, { servers, busy: except, onWorked }, making, {
        ...options,
        places,
      }).finally(arriving.close)
    } catch (error) {
      const failure = describeFailure(error)
      return { ...nothing, failure, report: () => describeNothing(loaded.manifest, failure.message) }
    }
  }
}

/** Servers on which an earlier pass still works count as unread: what they may want is spared, and nothing is done there. */
function leaveTo(busy: readonly string[]): KnownServers {
  const error = { code: 'timeout', message: 'an earlier pass still works on it, or waits for its answer' }
  return (name) => (busy.includes(name) ? { status: 'unread', name, error } : undefined)
}

function untouched(name: string): ServerResult {
  return { name, results: [], pending: [] }
}

/** How the plan of a pass is made. */
interface PassPlanning {
  choice: PlanChoice
  preparing: Preparing
}

/** The servers of a pass, without those that are only read. */
interface PassServers {
  servers: readonly string[]
  /** Servers on which an earlier pass still works. */
  busy: readonly string[]
  onWorked(result: ServerResult): void
}

interface CarryingOut extends WatchPassOptions {
  /** The places of servers that are worked on, which passes share. */
  places: Semaphore
}

async function carryOut(
  arriving: ArrivingPlan,
  { servers, busy, onWorked }: PassServers,
  planning: PassPlanning,
  options: CarryingOut,
): Promise<PassResult> {
  const begun = new Map<string, BegunServer>()
  const plans = arriving.servers.map(({ name, plan }) =>
    plan.then(
      (found) => {
        begun.set(name, found)
        if (!options.isDry || !servers.includes(name)) return
        const isPartial = found.rest !== undefined
        onWorked({ ...describeServer(found.server, found, undefined, { busy }), isPartial })
      },
      // It is part of the whole plan's failure.
      () => undefined,
    ),
  )
  const outcome = options.isDry
    ? undefined
    : await apply(arriving, planning, options, (report) => {
        const found = begun.get(report.name)
        // The waves of a rollout are judged together.
        const isAlone = arriving.waves === undefined && servers.includes(report.name)
        if (found !== undefined && isAlone) onWorked(describeServer(found.server, found, report, { busy }))
      })
  await Promise.allSettled(plans)
  const isBegun = outcome?.servers.some(({ results }) => results.length > 0) === true
  let failure: Failure | undefined
  const whole = await arriving.whole.catch((error: unknown) => {
    if (!isBegun) throw error
    failure = describeFailure(error)
    return arrivedPlan(arriving, error)
  })
  const { plan, refusals } = whole
  const planned = plan.servers.map((server) => {
    const report = outcome?.servers.find(({ name }) => name === server.name)
    // What the guard has refused is pending, and no failure of its own.
    const done = refusals.length > 0 && report?.results.length === 0 ? undefined : report
    return describeServer(server, begun.get(server.name), done, { busy, outcome })
  })
  const left = new Map(planned.flatMap((server) => (server.left ? [[server.name, server.left]] : [])))
  return {
    // A server that is only a source for others has no plan. What failed for all servers is no failure of a single one.
    servers: servers.map(
      (name) =>
        planned.find((server) => server.name === name && (failure === undefined || begun.has(name))) ??
        untouched(name),
    ),
    ...(failure === undefined ? {} : { failure }),
    rollout: outcome && explainRollout(outcome),
    refusals: failure === undefined ? refusals.map(({ message }) => message) : [],
    report: () => describeRun(whole, refusals.length > 0 && !isBegun ? undefined : outcome, left),
  }
}

function describeServer(
  planned: ServerPlan,
  begun: BegunServer | undefined,
  report: ServerReport | undefined,
  { busy, outcome }: Pick<PassServers, 'busy'> & { outcome?: ApplyReport | undefined },
): ServerResult {
  const { name } = planned
  if (planned.status === 'unread') return { ...untouched(name), failure: planned.error }
  if (outcome !== undefined && report?.status === 'waiting') return describeWaiting(planned, outcome)
  const { results, left } = leaveCopies(report, busy)
  const undone = results.find((result) => result.outcome !== 'done')
  const failure = undone?.error ?? report?.error ?? (report ?? planned).problems?.[0]?.error
  return {
    name,
    results,
    pending: report === undefined ? planned.changes : [],
    ...(failure === undefined ? {} : { failure }),
    ...(left === undefined ? {} : { left }),
    ...(begun?.observed.status === 'read' ? { filter: createEventFilter(begun.wanted, begun.observed) } : {}),
  }
}

/** A server whose wave did not begin. */
function describeWaiting({ name, changes }: PlannedServer, outcome: ApplyReport): ServerResult {
  const failure = explainRollout(outcome).find(({ code }) => code === paused)
  return { ...untouched(name), pending: changes, ...(failure === undefined ? {} : { failure }) }
}

function apply(
  arriving: ArrivingPlan,
  { choice, preparing }: PassPlanning,
  { lockTimeout, progress, tell, metrics, places, wrapTransport, maxDocument, audit }: CarryingOut,
  onWorked: (report: ServerReport) => void,
): Promise<ApplyReport> {
  const { rollout } = arriving.manifest
  const count = countBytes(metrics)
  const onEvent = (event: ApplyEvent): void => {
    progress.take(event)
    count(event)
    if (event.kind === 'ended' && event.result.outcome === 'done')
      tell({ kind: 'change', server: event.server, result: event.result })
    if (event.kind === 'warned') tell(event)
    if (event.kind === 'waiting') tell({ kind: 'message', message: renderEvent(event), isNote: true })
  }
  return carryOutArriving(arriving, {
    choice,
    preparing,
    wrapTransport,
    maxDocument,
    notes: openUploadNotes(arriving.manifest.name),
    places,
    onEvent,
    rollout: rollout && {
      ...rollout,
      onNote: (message) => tell({ kind: 'message', message, isNote: true }),
    },
    audit,
    onWorked,
    lock: {
      timeout: lockTimeout,
      onWait: (server, holder) =>
        tell({ kind: 'message', message: renderWaiting(server, holder), isNote: true }),
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
