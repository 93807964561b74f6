import type { RunResult } from '../documents/watch.ts'
import type { WatchEvent } from '../render/watch-event.ts'
import type { WatchedServer } from './fleet.ts'
import type { Appointments } from './keep-appointments.ts'
import type { Looked, LookedServer } from './looked.ts'
import type { MetricsText } from './metrics/watch-metrics.ts'
import type { Look } from './queue/agenda.ts'
import { backOff } from './queue/back-off.ts'
import { coolDown, recent } from './queue/cool-down.ts'

export interface NoteRunOptions {
  look: Look
  seconds: number
  isInterrupted: boolean
  servers: ReadonlyMap<string, WatchedServer>
  tell(event: WatchEvent): void
  metrics: MetricsText
  note: Appointments['note']
}

const retries = { first: 5_000, most: 600_000 }
/** There is no way to these; what connects to them again is an occasion of its own. */
const unreachable = ['unreachable', 'timeout']

/** Draws the conclusions of a run: what is told, counted, remembered and tried again. What was done is told already. */
export function noteRun(looked: Looked, options: NoteRunOptions): void {
  const { look, seconds, tell, metrics, isInterrupted } = options
  if (!isInterrupted) tellShared(looked, options)
  const random = Math.random()
  for (const server of looked.servers) noteServer(server, looked, { ...options, random })
  const results = looked.servers.flatMap((server) => server.results)
  const changesDone = results.filter(({ outcome }) => outcome === 'done').length
  const changesPending = looked.servers.reduce((sum, { pending }) => sum + pending.length, 0)
  const isFailed = looked.failure !== undefined || looked.servers.some(({ failure }) => failure !== undefined)
  const result: RunResult = isInterrupted
    ? 'interrupted'
    : isFailed
      ? 'failed'
      : looked.refusals.length > 0
        ? 'refused'
        : changesDone > 0
          ? 'changed'
          : changesPending > 0
            ? 'pending'
            : 'unchanged'
  metrics.families.runs.add(1, { result })
  metrics.families.seconds.observe(seconds)
  const run = { reasons: look.reasons, servers: looked.servers.map(({ name }) => name), result, seconds }
  const changes = { changesDone, changesNotDone: results.length - changesDone, changesPending }
  if (result !== 'unchanged') tell({ kind: 'run', run: { ...run, ...changes } })
}

/** What all servers have in common is told once, and so is its end. */
function tellShared({ failure, refusals, servers: looked }: Looked, { servers, tell }: NoteRunOptions): void {
  const before = looked.flatMap(({ name }) => servers.get(name) ?? [])
  const message = failure?.message ?? refusals.join('\n')
  if (message !== '' && before.some((server) => server.failure !== message))
    tell({ kind: 'message', message: refusals.length > 0 ? `${message}\nNothing was done` : message })
  if (message === '' && before.some(({ isShared }) => isShared))
    tell({ kind: 'message', message: 'all is well again' })
}

interface NoteServerOptions extends NoteRunOptions {
  /** The same for all servers of a run: what failed together is tried again together. */
  random: number
}

function noteServer(looked: LookedServer, whole: Looked, options: NoteServerOptions): void {
  const { metrics, servers } = options
  const { families } = metrics
  const server = servers.get(looked.name)
  // It was taken out of the manifest meanwhile.
  if (server === undefined) return
  const labels = { server: server.name }
  const now = Date.now() / 1000
  const left = looked.results.filter(({ outcome }) => outcome !== 'done').length + looked.pending.length
  for (const { change, outcome } of looked.results)
    families.changes.add(1, { ...labels, action: change.action, outcome })
  families.lastRun.set(now, labels)
  const failure = looked.failure ?? whole.failure
  if (failure === undefined) families.pending.set(left, labels)
  if (looked.concern !== undefined) server.concern = looked.concern
  if (options.isInterrupted) return
  if (failure === undefined && whole.refusals.length === 0) {
    families.lastSuccess.set(now, labels)
    noteSuccess(server, looked, options)
  } else noteFailure(server, looked, whole, options)
  noteChanges(server, looked, options)
}

function noteSuccess(server: WatchedServer, looked: LookedServer, { tell }: NoteRunOptions): void {
  if (server.isToldAlone) tell({ kind: 'server', server: server.name, state: 'recovered' })
  server.isGood = true
  server.failure = undefined
  server.isShared = false
  server.isToldAlone = false
  server.failures = 0
  const pending = JSON.stringify(looked.pending)
  if (looked.pending.length === 0 && server.pending !== '')
    tell({ kind: 'server', server: server.name, state: 'in-sync' })
  // The same drift is told once, not each time that it is found again.
  if (pending !== server.pending)
    for (const change of looked.pending) tell({ kind: 'pending', server: server.name, change })
  server.pending = looked.pending.length === 0 ? '' : pending
}

function noteFailure(
  server: WatchedServer,
  { failure, results }: LookedServer,
  whole: Looked,
  { tell, metrics, note, random }: NoteServerOptions,
): void {
  const { name } = server
  server.isGood = false
  server.failures += 1
  metrics.families.failures.add(1, { server: name })
  const message = failure?.message ?? whole.failure?.message ?? whole.refusals.join('\n')
  const comesBack = failure !== undefined && unreachable.includes(failure.code) && !server.isConnected
  // What goes on failing in the same way is told once.
  if (message !== server.failure && failure !== undefined && !comesBack) {
    server.isToldAlone = true
    const undone = results.filter(({ outcome }) => outcome !== 'done')
    for (const result of undone) tell({ kind: 'change', server: name, result })
    if (undone.length === 0) tell({ kind: 'server', server: name, state: 'failed', message })
  }
  server.failure = message
  server.isShared = failure === undefined
  if (server.isShared) server.isToldAlone = false
  if (!comesBack) note(name, backOff(server.failures, { ...retries, random }), 'retry')
}

/** Counts how often it was changed because of its events, and says so where the manifest has an opponent. */
function noteChanges(server: WatchedServer, looked: LookedServer, { look, tell }: NoteRunOptions): void {
  const isChanged = looked.results.some(({ outcome }) => outcome === 'done')
  if (!isChanged || !look.reasons.includes('event')) return
  const now = performance.now()
  const before = coolDown(server.changedAt, now)
  server.changedAt = [...recent(server.changedAt, now), now]
  const wait = coolDown(server.changedAt, now)
  if (before === 0 && wait > 0)
    tell({
      kind: 'message',
      message: `${server.name}: changed back ${server.changedAt.length} times within ten minutes: something else wants it otherwise than the manifest; it is changed back more and more rarely from now on`,
    })
}
