import type { Client } from '@hyperkit/core'
import { type AuditOptions, createAudit } from '../audit/audit.ts'
import { imagesAtOnce } from '../concurrency/images-at-once.ts'
import { createKeyedMutex } from '../concurrency/keyed-mutex.ts'
import { createSemaphore, type Semaphore } from '../concurrency/semaphore.ts'
import { serversAtOnce } from '../concurrency/servers-at-once.ts'
import type { Desired } from '../desired/desired.ts'
import type { ApplyReport } from '../documents/apply-report.ts'
import type { Plan } from '../documents/plan.ts'
import type { ApplyEvent } from '../plan/apply-event.ts'
import type { OpenOptions } from '../sources/wrap-transport.ts'
import { applyToServer } from './apply-to-server.ts'
import { createUsageCheck } from './check-usage.ts'
import type { ComingServer } from './coming-server.ts'
import { createDownloads } from './create-downloads.ts'
import { createPhases } from './create-phases.ts'
import { createWaves, type HeldWave, type RolloutOptions } from './create-waves.ts'
import { describeUser } from './describe-user.ts'
import { createLocks, type LockOptions } from './lock-servers.ts'
import { createPlaces } from './places.ts'
import { createRoster } from './roster.ts'
import type { Run } from './run-state.ts'
import { shareUploads } from './share-uploads.ts'
import { trackContents } from './track-contents.ts'
import { trackDeletions } from './track-deletions.ts'
import type { UploadNotes } from './upload-notes.ts'

/** The work of a run, which may still be planned. */
export interface ComingWork {
  manifest: Plan['manifest']
  servers: readonly ComingServer[]
  /** Undefined: all servers begin at once. */
  waves?: readonly HeldWave[] | undefined
}

/** Options of {@link carryOutEach}. */
export interface CarryOutEachOptions extends OpenOptions {
  signal: AbortSignal
  /** The client that the server was read with. */
  open(server: string): Promise<Client>
  /** The same text for two names of one server; their uploads of one image run one after the other. */
  identify(server: string): string
  onEvent?: ((event: ApplyEvent) => void) | undefined
  /** Called with each plan of a server before its work begins, and with its whole plan if what is pruned comes later. */
  onPlanned?: Run['onPlanned']
  /** Called with the report of a server whose work has ended, but for what is pruned: it no longer waits for others. */
  onWorked?: Run['onWorked']
  /** How changes are recorded. @default not at all */
  audit?: AuditOptions | undefined
  /** Where uploads are noted on this machine, for the next run if this one is killed. @default nowhere */
  notes?: UploadNotes | undefined
  /** Bytes of the largest download. @default any */
  maxSize?: number | undefined
  /** How servers are locked. @default not at all */
  lock?: Omit<LockOptions, 'manifest'> | undefined
  /** Plans a server again, after another run had its lock or may have had it. @default the plan is carried out as it is */
  planAgain?: Run['planAgain']
  /** How the waves of the plan are held; needed if it has any. */
  rollout?: RolloutOptions | undefined
  /** How many servers are worked on at once. @default 16 */
  parallelism?: number | undefined
  /** How many images of a server are worked on at once. @default 4 on each */
  imagesAtOnce?: ((server: string) => number) | undefined
  /** The places of servers that are worked on, if other runs share them. @default as many as `parallelism` */
  places?: Semaphore | undefined
}

/** Options of {@link carryOutPlan}. */
export interface CarryOutPlanOptions extends CarryOutEachOptions {
  /** The state that the plan was made from: it says how to read images that are not on this machine's disk. */
  desired?: Desired | undefined
}

/**
 * Makes the changes of a plan: servers in parallel, each by itself, and the images of one server side by side, each in the plan's
 * order: first the image, then its aliases. Each server is locked for its own changes only. A failure skips the changes that depend on it, and the others continue. Each
 * change is safe to repeat, so a second run continues where this one ended. Pruning comes after all other changes of a server and of
 * those that copy from it, and only if nothing failed there. If the plan has waves, a server begins with its wave.
 */
export async function carryOutPlan(
  { manifest, servers, rollout }: Plan,
  { desired, ...options }: CarryOutPlanOptions,
): Promise<ApplyReport> {
  const wanted = new Map(desired?.servers.map((server) => [server.name, server]))
  const coming = servers.map((server) => ({
    name: server.name,
    plan: Promise.resolve({ server, wanted: wanted.get(server.name) }),
  }))
  const maxSize = desired?.policy?.maxSize
  return carryOutEach({ manifest, servers: coming, waves: rollout?.waves }, { maxSize, ...options })
}

/** As {@link carryOutPlan}, for servers whose plans come one by one: the work on a server begins when its own plan is there. */
export async function carryOutEach(work: ComingWork, options: CarryOutEachOptions): Promise<ApplyReport> {
  const { servers } = work
  const { file, name: manifest } = work.manifest
  const { signal, open, identify, onEvent, onPlanned, onWorked, wrapTransport, maxDocument, maxSize } =
    options
  const { planAgain, lock } = options
  const roster = createRoster(servers.map(({ name }) => name))
  const wanted: Run['wanted'] = new Map()
  const places = createPlaces({
    semaphore: options.places ?? createSemaphore(options.parallelism ?? serversAtOnce),
    ask: async (server, asking) =>
      (await open(server)).request({ method: 'GET', path: '/1.0', signal: asking }),
  })
  const phases = createPhases(roster, identify)
  const waves = holdWaves(work, options, phases)
  const run: Run = {
    signal,
    manifest,
    open,
    identify,
    onEvent(event) {
      if (event.kind === 'moved' && event.isElsewhere !== true) places.heard(event.server)
      onEvent?.(event)
    },
    onPlanned,
    onWorked,
    wrapTransport,
    maxDocument,
    roster,
    wanted,
    settled: new Set(),
    notes: options.notes,
    imagesAtOnce: options.imagesAtOnce ?? (() => imagesAtOnce),
    imageMutex: createKeyedMutex(),
    brought: new Set(),
    leftovers: new Map(),
    places,
    contents: trackContents(roster),
    downloads: createDownloads({ wrapTransport, maxSize }),
    uploads: shareUploads(roster, signal),
    audit: options.audit && createAudit(options.audit, { manifest, user: describeUser() }),
    checkUsage: createUsageCheck(),
    maxSize,
    deletions: trackDeletions(),
    locks: lock && createLocks({ ...lock, manifest }, { signal, open, identify }),
    phases,
    waves,
    planAgain,
  }
  const reports = await Promise.all(servers.map((server) => applyToServer(server, run))).finally(
    run.downloads.close,
  )
  const rollout = await waves?.end(reports)
  return {
    format: 'hyperkit-apply',
    version: 1,
    manifest: { file, name: manifest },
    ...(rollout === undefined ? {} : { rollout }),
    servers: reports,
  }
}

function holdWaves(
  { waves, manifest }: ComingWork,
  { rollout, signal }: CarryOutEachOptions,
  phases: Run['phases'],
): Run['waves'] {
  if (waves === undefined) return undefined
  if (rollout === undefined) throw new Error('The plan has waves, so the rollout of its manifest is needed')
  return createWaves(waves, rollout, { phases, manifest: manifest.name, signal })
}
