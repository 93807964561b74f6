import type { Client } from '@hyperkit/core'
import { type AuditOptions, createAudit } from '../audit/audit.ts'
import { createKeyedMutex } from '../concurrency/keyed-mutex.ts'
import { createSemaphore } from '../concurrency/semaphore.ts'
import type { Desired } from '../desired/desired.ts'
import type { ApplyReport } from '../documents/apply-report.ts'
import type { Plan } from '../documents/plan.ts'
import type { ApplyEvent } from '../plan/apply-event.ts'
import type { OpenOptions } from '../sources/wrap-transport.ts'
import { applyToServer } from './apply-to-server.ts'
import { createUsageCheck } from './check-usage.ts'
import { createDownloads } from './create-downloads.ts'
import { createPhases } from './create-phases.ts'
import { createWaves, type RolloutOptions } from './create-waves.ts'
import { describeUser } from './describe-user.ts'
import { createLocks, type LockOptions } from './lock-servers.ts'
import type { Run } from './run-state.ts'
import { shareUploads } from './share-uploads.ts'
import { trackContents } from './track-contents.ts'
import { trackDeletions } from './track-deletions.ts'
import type { UploadNotes } from './upload-notes.ts'

/** Options of {@link carryOutPlan}. */
export interface CarryOutPlanOptions extends OpenOptions {
  signal: AbortSignal
  /** The client that the server was read with. */
  open(server: string): Promise<Client>
  /** The same text for two names of one server; their uploads of one image run one after the other. */
  identify(server: string): string
  onEvent?: ((event: ApplyEvent) => void) | undefined
  /** The state that the plan was made from: it says how to read images that are not on this machine's disk. */
  desired?: Desired | undefined
  /** How changes are recorded. @default not at all */
  audit?: AuditOptions | undefined
  /** Where uploads are noted on this machine, for the next run if this one is killed. @default nowhere */
  notes?: UploadNotes | undefined
  /** How servers are locked. @default not at all */
  lock?: Omit<LockOptions, 'manifest'> | undefined
  /** Plans a server again, after another run had its lock. @default the plan is carried out as it is */
  planAgain?: Run['planAgain']
  /** How the waves of the plan are held; needed if it has any. */
  rollout?: RolloutOptions | undefined
  /** How many servers are worked on at once. @default 16 */
  parallelism?: number | undefined
}

const serversAtOnce = 16

/**
 * Makes the changes of a plan: servers in parallel, each by itself, and the changes of one server one after the other in the plan's
 * order. Each server is locked for its own changes only. A failure skips the changes that depend on it, and the others continue. Each
 * change is safe to repeat, so a second run continues where this one ended. Pruning comes after all other changes of a server and of
 * those that copy from it, and only if nothing failed there. If the plan has waves, a server begins with its wave.
 */
export async function carryOutPlan(plan: Plan, options: CarryOutPlanOptions): Promise<ApplyReport> {
  const { signal, open, identify, onEvent, wrapTransport, maxDocument, planAgain, lock } = options
  const { file, name: manifest } = plan.manifest
  const phases = createPhases(plan, identify)
  const waves = holdWaves(plan, options, phases)
  const maxSize = options.desired?.policy?.maxSize
  const wanted = new Map(options.desired?.servers.map((server) => [server.name, server]))
  const run: Run = {
    signal,
    manifest,
    open,
    identify,
    onEvent,
    wrapTransport,
    maxDocument,
    settled: new Set(),
    notes: options.notes,
    imageMutex: createKeyedMutex(),
    semaphore: createSemaphore(options.parallelism ?? serversAtOnce),
    contents: trackContents(plan),
    downloads: createDownloads({ wrapTransport, maxSize }),
    uploads: shareUploads(plan, signal),
    audit: options.audit && createAudit(options.audit, { manifest, user: describeUser() }),
    checkUsage: createUsageCheck(),
    maxSize,
    deletions: trackDeletions(),
    locks: lock && createLocks({ ...lock, manifest }, { signal, open, identify }),
    phases,
    waves,
    wantedOn: (server) => wanted.get(server),
    planAgain:
      planAgain &&
      (async (server, remaining) => {
        const again = await planAgain(server, remaining)
        const found = again.desired?.servers.find(({ name }) => name === server)
        if (found !== undefined) wanted.set(server, found)
        return again
      }),
  }
  const servers = await Promise.all(plan.servers.map((server) => applyToServer(server, run))).finally(
    run.downloads.close,
  )
  const rollout = await waves?.end(servers)
  return {
    format: 'hyperkit-apply',
    version: 1,
    manifest: { file, name: manifest },
    ...(rollout === undefined ? {} : { rollout }),
    servers,
  }
}

function holdWaves(
  { rollout, manifest }: Plan,
  options: CarryOutPlanOptions,
  phases: Run['phases'],
): Run['waves'] {
  if (rollout === undefined) return undefined
  if (options.rollout === undefined)
    throw new Error('The plan has waves, so the rollout of its manifest is needed')
  return createWaves(rollout.waves, options.rollout, {
    phases,
    manifest: manifest.name,
    signal: options.signal,
  })
}
