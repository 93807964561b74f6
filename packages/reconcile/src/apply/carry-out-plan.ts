import { type Client, isHyperkitError, TransportError } from '@hyperkit/core'
import { messageOf } from '@hyperkit/core/parts'
import { createKeyedMutex, type KeyedMutex } from '../concurrency/keyed-mutex.ts'
import { mapAtMost } from '../concurrency/map-at-most.ts'
import { createSemaphore, type Semaphore } from '../concurrency/semaphore.ts'
import type { Desired } from '../desired/desired.ts'
import type { ApplyReport, ChangeResult, ServerReport } from '../documents/apply-report.ts'
import type { Failure } from '../documents/error.ts'
import type { Change, Plan, PlannedServer, ServerPlan } from '../documents/plan.ts'
import type { ApplyEvent } from '../plan/apply-event.ts'
import { ruleCode } from '../plan/find-problems.ts'
import type { OpenOptions } from '../sources/wrap-transport.ts'
import { applyChange } from './apply-change.ts'
import { createUsageCheck, type UsageCheck } from './check-usage.ts'
import { createDownloads, type Downloads } from './create-downloads.ts'
import { settleTokens } from './settle-tokens.ts'
import { type SharedUploads, shareUploads } from './share-uploads.ts'
import { type Contents, trackContents } from './track-contents.ts'

/** Options of {@link carryOutPlan}. */
export interface CarryOutPlanOptions extends OpenOptions {
  signal: AbortSignal
  /** The client that the server was read with. */
  open(server: string): Promise<Client>
  /** The same text for two names of one server; their uploads of one image run one after the other. */
  identify(server: string): string
  onEvent?: (event: ApplyEvent) => void
  /** The state that the plan was made from: it says how to read images that are not on this machine's disk. */
  desired?: Desired | undefined
}

/** State that the servers of a run share. */
interface Run extends CarryOutPlanOptions {
  imageMutex: KeyedMutex
  semaphore: Semaphore
  contents: Contents
  downloads: Downloads
  uploads: SharedUploads
  checkUsage: UsageCheck
  manifest: string
}

const serversAtOnce = 8

/**
 * Makes the changes of a plan: servers in parallel, the changes of one server one after the other in the plan's order. A
 * failure skips the changes that depend on it, and the others continue. Each change is safe to repeat, so a second run
 * continues where this one ended. Pruning comes after all other changes of all servers, and only if nothing failed.
 */
export async function carryOutPlan(plan: Plan, options: CarryOutPlanOptions): Promise<ApplyReport> {
  const shared = {
    ...options,
    manifest: plan.manifest.name,
    imageMutex: createKeyedMutex(),
    semaphore: createSemaphore(serversAtOnce),
    contents: trackContents(plan),
    downloads: createDownloads(options),
    uploads: shareUploads(plan, options.signal),
    checkUsage: createUsageCheck(),
  }
  const { file, name } = plan.manifest
  const run = (select: (change: Change) => boolean, servers: readonly ServerPlan[]) =>
    Promise.all(
      servers.map((server) =>
        applyToServer(
          server.status === 'unread' ? server : { ...server, changes: server.changes.filter(select) },
          shared,
        ),
      ),
    )
  await settleAll(plan, options)
  const reports = await run((change) => !isPruned(change), plan.servers).finally(shared.downloads.close)
  const obstacle = reports.some((report) => !isWell(report))
    ? { code: 'skipped', message: 'not started: nothing is pruned in a run in which something failed' }
    : undefined
  const pruned = obstacle
    ? plan.servers.map((server) => skipPruned(server, obstacle))
    : (await run(isPruned, plan.servers)).map(({ results }) => results)
  return {
    format: 'hyperkit-apply',
    version: 1,
    manifest: { file, name },
    servers: reports.map((report, index) => {
      const results = [...report.results, ...(pruned[index] ?? [])]
      return report.status === 'done'
        ? { ...report, status: statusOf(results, options.signal), results }
        : { ...report, results }
    }),
  }
}

/** A failure here is one of the server, and is reported with the first of its changes. */
async function settleAll(plan: Plan, { open, signal }: CarryOutPlanOptions): Promise<void> {
  const settle = async (name: string): Promise<void> =>
    open(name)
      .then((client) => settleTokens(client, plan.manifest.name, signal))
      .catch(() => undefined)
  const read = plan.servers.filter(({ status }) => status === 'planned')
  await mapAtMost(serversAtOnce, read, ({ name }) => settle(name))
}

/**
 * A removal that was refused for lack of rights does not stop pruning, and neither does an image that a rule of the server
 * forbids: both were known before anything was sent, and the plan keeps the versions of these images.
 */
function isWell({ status, results, problems = [] }: ServerReport): boolean {
  const isDone =
    status === 'done' || (status === 'failed' && results.every(({ outcome }) => outcome === 'done'))
  return isDone && problems.every(({ error }) => error.code === 'not-authorized' || error.code === ruleCode)
}

function isPruned(change: Change): boolean {
  return change.action === 'delete-image' && change.prune !== undefined
}

function skipPruned(server: ServerPlan, error: Failure): ChangeResult[] {
  if (server.status === 'unread') return []
  return server.changes.filter(isPruned).map((change) => ({ change, outcome: 'skipped', error }))
}

async function applyToServer(server: ServerPlan, run: Run): Promise<ServerReport> {
  if (server.status === 'unread')
    return { name: server.name, status: 'unread', error: server.error, results: [] }
  const { name, problems = [] } = server
  const more = problems.length === 0 ? {} : { problems }
  const results: ChangeResult[] = []
  if (server.changes.length > 0) await run.semaphore.acquire()
  for (const change of server.changes) {
    const obstacle =
      findObstacle(change, results, run.signal) ??
      (await waitForSource(change, run)) ??
      findObstacle(change, results, run.signal)
    if (obstacle === undefined) run.onEvent?.({ kind: 'begun', server: name, change })
    const result: ChangeResult = obstacle
      ? { change, outcome: 'skipped', error: obstacle }
      : await tryChange(change, server, run)
    results.push(result)
    run.contents.ended(name, result)
    run.onEvent?.({ kind: 'ended', server: name, result })
  }
  if (server.changes.length > 0) run.semaphore.release()
  const status = statusOf(results, run.signal)
  return { name, status: status === 'done' && problems.length > 0 ? 'failed' : status, results, ...more }
}

/** A copy waits until its source server has the image; meanwhile another server may take its place. */
async function waitForSource(change: Change, { contents, semaphore }: Run): Promise<Failure | undefined> {
  if (change.action !== 'copy-image') return undefined
  const { server } = change.from
  semaphore.release()
  const failure = await contents.whenThere(server, change.fingerprint)
  await semaphore.acquire()
  return (
    failure && {
      code: 'skipped',
      message: `not started: "${server}" did not get the image: ${failure.message}`,
    }
  )
}

async function tryChange(planned: Change, server: PlannedServer, run: Run): Promise<ChangeResult> {
  const { open, identify, signal, onEvent, imageMutex, contents, desired, downloads, uploads, checkUsage } =
    run
  const change = contents.fillIn(planned)
  const images = desired?.servers.find(({ name }) => name === server.name)?.images
  let client: Client | undefined
  const warned: string[] = []
  const warnings = () => (warned.length === 0 ? {} : { warnings: warned })
  try {
    const opened = await open(server.name)
    client = opened
    // One change at a time for an image of a server: an upload during a download of the same image can lose the file for good (T5).
    const fingerprint = await imageMutex.run(`${identify(server.name)} ${change.fingerprint}`, () =>
      applyChange(opened, change, {
        signal,
        manifest: run.manifest,
        open,
        downloads,
        uploads,
        checkUsage,
        wrapTransport: run.wrapTransport,
        origin: images?.find((image) => image.fingerprint === planned.fingerprint)?.origin,
        onProgress: (progress) =>
          onEvent?.({ kind: 'moved', server: server.name, change: planned, progress }),
        onWaiting: (message) => onEvent?.({ kind: 'waiting', server: server.name, change: planned, message }),
        onWarning(message) {
          warned.push(message)
          onEvent?.({ kind: 'warned', server: server.name, change: planned, message })
        },
      }),
    )
    contents.learn(planned.fingerprint, fingerprint)
    return {
      change: planned,
      outcome: 'done',
      ...(fingerprint === planned.fingerprint ? {} : { fingerprint }),
      ...warnings(),
    }
  } catch (error) {
    const outcome = signal.aborted ? 'interrupted' : 'failed'
    // The signal is reported once, for the whole run.
    if (signal.aborted && error === signal.reason)
      return {
        change: planned,
        outcome,
        error: { code: 'interrupted', message: 'the run was interrupted in the middle of it' },
        ...warnings(),
      }
    return { change: planned, outcome, error: failureOf(error, client?.name), ...warnings() }
  }
}

/** Why a change must not be started, given the results of the changes before it. */
function findObstacle(
  change: Change,
  results: readonly ChangeResult[],
  signal: AbortSignal,
): Failure | undefined {
  if (signal.aborted) return { code: 'interrupted', message: 'not started: the run was interrupted' }
  const failed = results.filter(({ outcome }) => outcome !== 'done')
  const gone = failed.find(({ error }) => error !== undefined && unreachable.includes(error.code))
  if (gone?.error) return { code: 'unreachable', message: `not started: ${gone.error.message}` }
  if (failed.some((result) => result.change.fingerprint === change.fingerprint))
    return { code: 'skipped', message: 'not started: an earlier change of this image failed' }
  const isRemoval = change.action === 'remove-alias' || change.action === 'delete-image'
  return isRemoval && failed.length > 0
    ? { code: 'skipped', message: 'not started: nothing is removed from a server on which something failed' }
    : undefined
}

const unreachable = [
  'unreachable',
  'timeout',
  'certificate-rejected',
  'certificate-changed',
  'not-authorized',
]

function statusOf(results: readonly ChangeResult[], signal: AbortSignal): ServerReport['status'] {
  if (results.every(({ outcome }) => outcome === 'done')) return 'done'
  return signal.aborted ? 'interrupted' : 'failed'
}

function failureOf(error: unknown, here: string | undefined): Failure {
  const code = codeOf(error, here)
  const message = messageOf(error)
  const cause = error instanceof TransportError && error.cause instanceof Error ? error.cause.message : ''
  return { code, message: cause === '' || message.includes(cause) ? message : `${message} (${cause})` }
}

/** If another server is unreachable, which an image comes from, this server continues with its other images. */
function codeOf(error: unknown, here: string | undefined): string {
  if (!isHyperkitError(error)) return 'unexpected'
  const isElsewhere = error.server !== undefined && here !== undefined && error.server !== here
  return isElsewhere && unreachable.includes(error.code) ? `source-${error.code}` : error.code
}
