import type { Failure } from '../documents/error.ts'
import type { RunResult } from '../documents/watch.ts'
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
  seconds: number
  isInterrupted: boolean
  servers: ReadonlyMap<string, WatchedServer>
  tell(event: WatchEvent): void
  metrics: MetricsText
  enqueue: Scheduler['enqueue']
}

const retries = { first: 5_000, most: 600_000 }
/** Codes of failures to reach a server. A new connection to it queues a pass, so no retry is needed. */
const unreachable = ['unreachable', 'timeout']

/** Reports, counts and remembers the result of a pass, and queues retries. Changes that were made are reported already. */
export function recordPass(found: PassResult, options: RecordPassOptions): void {
  const { pass, seconds, tell, metrics, isInterrupted } = options
  if (!isInterrupted) reportShared(found, options)
  if (!isInterrupted) reportRollout(found, options)
  const random = Math.random()
  for (const server of found.servers) recordServer(server, found, { ...options, random })
  const results = found.servers.flatMap((server) => server.results)
  const changesDone = results.filter(({ outcome }) => outcome === 'done').length
  const changesPending = found.servers.reduce((sum, { pending }) => sum + pending.length, 0)
  const isFailed =
    found.failure !== undefined ||
    (found.rollout ?? []).length > 0 ||
    found.servers.some(({ failure }) => failure !== undefined)
  const result: RunResult = isInterrupted
    ? 'interrupted'
    : isFailed
      ? 'failed'
      : found.refusals.length > 0
        ? 'refused'
        : changesDone > 0
          ? 'changed'
          : changesPending > 0
            ? 'pending'
            : 'unchanged'
  metrics.families.runs.add(1, { result })
  metrics.families.seconds.observe(seconds)
  const run = { reasons: pass.reasons, servers: found.servers.map(({ name }) => name), result, seconds }
  const changes = { changesDone, changesNotDone: results.length - changesDone, changesPending }
  if (result !== 'unchanged') tell({ kind: 'run', run: { ...run, ...changes } })
}

/** Reports a failure of all servers once, and the end of it once. */
function reportShared({ failure, refusals, servers: found }: PassResult, options: RecordPassOptions): void {
  const { servers, tell } = options
  const before = found.flatMap(({ name }) => servers.get(name) ?? [])
  const message = failure?.message ?? refusals.join('\n')
  if (message !== '' && before.some((server) => server.failure !== message))
    tell({ kind: 'message', message: refusals.length > 0 ? `${message}\nNothing was done` : message })
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
}

function recordServer(found: ServerResult, whole: PassResult, options: RecordServerOptions): void {
  const { metrics, servers } = options
  const { families } = metrics
  const server = servers.get(found.name)
  // The server was removed from the manifest during the pass.
  if (server === undefined) return
  const labels = { server: server.name }
  const now = Date.now() / 1000
  const left = found.results.filter(({ outcome }) => outcome !== 'done').length + found.pending.length
  for (const { change, outcome } of found.results)
    families.changes.add(1, { ...labels, action: change.action, outcome })
  families.lastRun.set(now, labels)
  const failure = found.failure ?? whole.failure
  if (failure === undefined) families.pending.set(left, labels)
  if (found.filter !== undefined) server.filter = found.filter
  if (options.isInterrupted) return
  if (failure === undefined && whole.refusals.length === 0) {
    families.lastSuccess.set(now, labels)
    recordSuccess(server, found, options)
  } else recordFailure(server, found, whole, options)
  recordChanges(server, found, options)
}

function recordSuccess(server: WatchedServer, found: ServerResult, { tell }: RecordPassOptions): void {
  if (server.isReportedAlone) tell({ kind: 'server', server: server.name, state: 'recovered' })
  server.isGood = true
  server.failure = undefined
  server.isShared = false
  server.isReportedAlone = false
  server.failures = 0
  const pending = JSON.stringify(found.pending)
  if (found.pending.length === 0 && server.pending !== '')
    tell({ kind: 'server', server: server.name, state: 'in-sync' })
  // The same drift is reported once, not each time that a pass finds it.
  if (pending !== server.pending)
    for (const change of found.pending) tell({ kind: 'pending', server: server.name, change })
  server.pending = found.pending.length === 0 ? '' : pending
}

function recordFailure(
  server: WatchedServer,
  { failure, results }: ServerResult,
  whole: PassResult,
  { tell, metrics, enqueue, random }: RecordServerOptions,
): void {
  const { name } = server
  server.isGood = false
  server.failures += 1
  metrics.families.failures.add(1, { server: name })
  const message = failure?.message ?? whole.failure?.message ?? whole.refusals.join('\n')
  const reconnects = failure !== undefined && unreachable.includes(failure.code) && !server.isConnected
  // A failure that lasts is reported once.
  if (message !== server.failure && failure !== undefined && !isWaiting(failure) && !reconnects) {
    server.isReportedAlone = true
    const undone = results.filter(({ outcome }) => outcome !== 'done')
    for (const result of undone) tell({ kind: 'change', server: name, result })
    if (undone.length === 0) tell({ kind: 'server', server: name, state: 'failed', message })
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
