import type { Failure } from '../documents/error.ts'
import type { RunResult } from '../documents/watch.ts'
import { explainLeft } from '../render/build-report.ts'
import { paused } from '../render/render-rollout.ts'
import type { WatchEvent } from '../render/watch-event.ts'
import type { Scheduler } from './create-scheduler.ts'
import type { MetricsText } from './metrics/watch-metrics.ts'
import type { PassResult, ServerResult } from './pass-result.ts'
import { backOff } from './queue/back-off.ts'
import { flapDelay, recent } from './queue/flap-damping.ts'
import type { Pass } from './queue/pass-queue.ts'
import type { WatchedServer } from './watched-server.ts'

export interface RecordPassOptions {
  pass: Pass
  /** Higher for each pass that begins. */
  number: number
  isInterrupted(): boolean
  servers: ReadonlyMap<string, WatchedServer>
  tell(event: WatchEvent): void
  metrics: MetricsText
  enqueue: Scheduler['enqueue']
  enqueueAfter: Scheduler['enqueueAfter']
}

/** The record of one pass. */
export interface PassRecord {
  /** Records a server whose work has ended before that of others. */
  worked(server: ServerResult): void
  /** Records the end of the pass: all other servers, and what was done after their work on those that were recorded. */
  end(found: PassResult, seconds: number): void
}

const retries = { first: 5_000, most: 600_000 }
/** Codes of failures to reach a server. A new connection to it queues a pass, so no retry is needed. */
const unreachable = ['unreachable', 'timeout']

/** Reports, counts and remembers the result of a pass, and queues retries. Changes that were made are reported already. */
export function recordPass(options: RecordPassOptions): PassRecord {
  const { pass, tell, metrics, isInterrupted } = options
  const each: RecordServerOptions = { ...options, random: Math.random() }
  const worked = new Map<string, ServerResult>()
  const alone: Pick<PassResult, 'failure' | 'refusals'> = { refusals: [] }
  return {
    worked(server) {
      worked.set(server.name, server)
      recordServer(server, alone, { ...each, isEarly: true })
    },
    end(found, seconds) {
      if (!isInterrupted()) reportShared(found, options)
      if (!isInterrupted()) reportRollout(found, options)
      const isShared = found.failure !== undefined || found.refusals.length > 0
      for (const server of found.servers) {
        const before = worked.get(server.name)
        if (before === undefined) recordServer(server, found, each)
        else if (before.isPartial)
          recordServer(server, isShared ? found : alone, { ...each, countedFailure: before.failure?.message })
        else recordRest(server, before, isShared ? found : alone, each)
      }
      const result = resultOf(found, isInterrupted())
      metrics.families.runs.add(1, { result })
      metrics.families.seconds.observe(seconds)
      const servers = found.servers.map(({ name }) => name)
      const counts = countChanges(found)
      if (result !== 'unchanged')
        tell({ kind: 'run', run: { reasons: pass.reasons, servers, result, seconds, ...counts } })
    },
  }
}

function countChanges({ servers }: PassResult): {
  changesDone: number
  changesNotDone: number
  changesPending: number
} {
  const results = servers.flatMap((server) => server.results)
  const changesDone = results.filter(({ outcome }) => outcome === 'done').length
  const changesPending = servers.reduce((sum, { pending }) => sum + pending.length, 0)
  return { changesDone, changesNotDone: results.length - changesDone, changesPending }
}

function resultOf(found: PassResult, isInterrupted: boolean): RunResult {
  const { changesDone, changesPending } = countChanges(found)
  if (isInterrupted) return 'interrupted'
  const failures = [found, ...found.servers].flatMap(({ failure }) => failure ?? [])
  if (failures.length > 0 || (found.rollout ?? []).length > 0) return 'failed'
  if (found.refusals.length > 0) return 'refused'
  if (changesDone > 0) return 'changed'
  return changesPending > 0 ? 'pending' : 'unchanged'
}

/** Records what was done on a server after its work was recorded: what was pruned there, and what failed for all servers. */
function recordRest(
  found: ServerResult,
  before: ServerResult,
  whole: Pick<PassResult, 'failure' | 'refusals'>,
  options: RecordServerOptions,
): void {
  // What was left includes what would have been pruned.
  if (found.left !== undefined) return
  const isShared = whole.failure !== undefined || whole.refusals.length > 0
  const later = { ...found, results: found.results.slice(before.results.length) }
  const { failure, ...well } = later
  const isNew = failure !== undefined && before.failure === undefined
  if (later.results.length > 0 || isNew || isShared)
    recordServer(isNew && !isShared ? later : well, whole, options)
  else settleShared(found, options)
}

/** A failure of all servers is over when a pass has ended without one. */
function settleShared(found: ServerResult, options: RecordServerOptions): void {
  const { name, failure } = found
  const server = options.servers.get(name)
  if (!server?.isShared || failure !== undefined || options.isInterrupted()) return
  if (isOvertaken(server, options)) return
  options.metrics.families.lastSuccess.set(Date.now() / 1000, { server: name })
  recordSuccess(server, found, options)
}

/** Reports a failure of all servers once, and the end of it once. */
function reportShared({ failure, refusals, servers: found }: PassResult, options: RecordPassOptions): void {
  const { servers, tell } = options
  const before = found
    .flatMap(({ name }) => servers.get(name) ?? [])
    .filter((server) => !isOvertaken(server, options))
  const message = failure?.message ?? refusals.join('\n')
  const nothing = found.some(({ results }) => results.length > 0)
    ? 'Nothing more was done'
    : 'Nothing was done'
  if (message !== '' && before.some((server) => server.failure !== message))
    tell({ kind: 'message', message: refusals.length > 0 ? `${message}\n${nothing}` : message })
  if (message === '' && before.some(({ isShared }) => isShared))
    tell({ kind: 'message', message: 'all servers have recovered', isNote: true })
}

/** Reports a failed wave; a pause that lasts, which a later pass finds again, is reported once. */
function reportRollout(
  { rollout = [], servers: found }: PassResult,
  { servers, tell }: RecordPassOptions,
): void {
  const isKnown = found.every(
    ({ name, failure }) => !isWaiting(failure) || servers.get(name)?.failure === failure?.message,
  )
  for (const failure of rollout)
    if (!isWaiting(failure) || !isKnown) tell({ kind: 'message', message: failure.message })
}

function isWaiting(failure: Failure | undefined): boolean {
  return failure?.code === paused
}

interface RecordServerOptions extends RecordPassOptions {
  /** The same for all servers of a pass, so that servers which failed together are retried together. */
  random: number
  /** Whether the pass goes on after the work on this server. */
  isEarly?: boolean
  /** The failure that was counted before the end of the pass, and must not count again. */
  countedFailure?: string | undefined
}

function recordServer(
  found: ServerResult,
  whole: Pick<PassResult, 'failure' | 'refusals'>,
  options: RecordServerOptions,
): void {
  const { metrics, servers } = options
  const { families } = metrics
  const server = servers.get(found.name)
  // The server was removed from the manifest during the pass.
  if (server === undefined) return
  const labels = { server: server.name }
  const now = Date.now() / 1000
  const undone = found.results.filter(({ outcome }) => outcome !== 'done').length
  const left = undone + found.pending.length + (found.left?.changes.length ?? 0)
  for (const { change, outcome } of found.results)
    families.changes.add(1, { ...labels, action: change.action, outcome })
  if (isOvertaken(server, options)) {
    recordChanges(server, found, options)
    return
  }
  server.newestPass = options.number
  families.lastRun.set(now, labels)
  const failure = found.failure ?? whole.failure
  if (failure === undefined) families.pending.set(left, labels)
  if (found.filter !== undefined) server.filter = found.filter
  if (options.isInterrupted()) return
  if (found.left !== undefined) leaveRest(server, found.left, options)
  else if (failure === undefined && whole.refusals.length === 0) {
    // Whether a failure of all servers is over is known at the end of the pass.
    if (!options.isEarly || !server.isShared) {
      families.lastSuccess.set(now, labels)
      recordSuccess(server, found, options)
    }
  } else if (failure === undefined || failure.message !== options.countedFailure)
    recordFailure(server, found, whole, options)
  recordChanges(server, found, options)
}

/** Whether a newer pass has recorded a server, so that what an older one found there is over. */
function isOvertaken({ newestPass = 0 }: WatchedServer, { number }: RecordPassOptions): boolean {
  return newestPass > number
}

/** Neither a success nor a failure: the next pass begins when the earlier one no longer works on what this server needs. */
function leaveRest(
  { name }: WatchedServer,
  { busy }: NonNullable<ServerResult['left']>,
  { tell, enqueueAfter }: RecordPassOptions,
): void {
  const message = `${name}: ${explainLeft({ busy })}`
  tell({ kind: 'message', message, isNote: true })
  enqueueAfter(busy, name, 'retry')
}

function recordSuccess(server: WatchedServer, found: ServerResult, { tell }: RecordPassOptions): void {
  if (server.isReportedAlone) tell({ kind: 'server', server: server.name, state: 'recovered' })
  server.isGood = true
  server.failure = undefined
  server.isShared = false
  server.isReportedAlone = false
  server.failures = 0
  const { pending, isPartial = false } = found
  if (pending.length === 0 && server.pending.size > 0 && !isPartial)
    tell({ kind: 'server', server: server.name, state: 'in-sync' })
  const keys = pending.map((change) => JSON.stringify(change))
  // The same drift is reported once, not each time that a pass finds it.
  for (const [index, change] of pending.entries())
    if (!server.pending.has(keys[index] ?? '')) tell({ kind: 'pending', server: server.name, change })
  server.pending = new Set(isPartial ? [...server.pending, ...keys] : keys)
}

function recordFailure(
  server: WatchedServer,
  { failure, results }: ServerResult,
  whole: Pick<PassResult, 'failure' | 'refusals'>,
  { tell, metrics, enqueue, random }: RecordServerOptions,
): void {
  const { name } = server
  server.isGood = false
  server.failures += 1
  metrics.families.failures.add(1, { server: name })
  const message = failure?.message ?? whole.failure?.message ?? whole.refusals.join('\n')
  const reconnects = failure !== undefined && unreachable.includes(failure.code) && !server.isConnected
  // A failure that lasts is reported once, but a server that does not answer is at each pass: it is not retried in between.
  if (message !== server.failure && failure !== undefined && !isWaiting(failure) && !reconnects) {
    server.isReportedAlone = true
    const undone = results.filter(({ outcome }) => outcome !== 'done')
    for (const result of undone) tell({ kind: 'change', server: name, result })
    if (undone.length === 0) tell({ kind: 'server', server: name, state: 'failed', message })
  }
  // The listener may never have been connected, and has nothing to report then.
  if (reconnects) {
    server.isReportedAlone = true
    tell({ kind: 'server', server: name, state: 'failed', message })
  }
  server.failure = message
  server.isShared = failure === undefined
  if (server.isShared || isWaiting(failure)) server.isReportedAlone = false
  if (!reconnects) enqueue(name, backOff(server.failures, { ...retries, random }), 'retry')
}

/** Counts the changes that events caused, and reports when something else keeps changing the server back. */
function recordChanges(server: WatchedServer, found: ServerResult, { pass, tell }: RecordPassOptions): void {
  const isChanged = found.results.some(({ outcome }) => outcome === 'done')
  if (!isChanged || !pass.reasons.includes('event')) return
  const now = performance.now()
  const before = flapDelay(server.changedAt, now)
  server.changedAt = [...recent(server.changedAt, now), now]
  const wait = flapDelay(server.changedAt, now)
  if (before === 0 && wait > 0)
    tell({
      kind: 'message',
      message: `${server.name}: corrected ${server.changedAt.length} times within ten minutes, because something else keeps undoing the changes; from now on it is corrected less and less often`,
    })
}
