import type { ChangeResult, ServerReport } from '../documents/apply-report.ts'
import type { Failure } from '../documents/error.ts'
import type { Change, ImageProblem, PlannedServer, ServerPlan } from '../documents/plan.ts'
import { isCreation } from '../plan/plan-creation.ts'
import { describeFailure } from '../sources/describe-failure.ts'
import { auditChange } from './audit-change.ts'
import { findNamed, placeOf } from './find-named.ts'
import { findObstacle, statusOf } from './find-obstacle.ts'
import { findPruneObstacle } from './find-prune-obstacle.ts'
import type { Held } from './lock-servers.ts'
import { isPruning, type Run } from './run-state.ts'
import { findTokens, fingerprintOfToken, type LeftTokens, settleTokens } from './settle-tokens.ts'

/**
 * Takes one server its way: it is locked, planned again if another run had the lock, changed, and unlocked. It waits for other servers
 * without its lock: for the source of a copy, and before its old versions are deleted.
 */
export async function applyToServer(server: ServerPlan, run: Run): Promise<ServerReport> {
  if (server.status === 'unread') {
    const report: ServerReport = { name: server.name, status: 'unread', error: server.error, results: [] }
    run.phases.end(report)
    return report
  }
  const way: Way = { name: server.name, waiting: [...server.changes], results: [], server, run }
  try {
    if (way.waiting.length === 0) await settleUnchanged(way)
    else await waitForWave(way)
    while (way.waiting.length > 0) await step(way)
  } finally {
    await settleLater(way)
    await leave(way)
    run.phases.end(reportOf(way))
  }
  return reportOf(way)
}

/** How far a server is. */
interface Way {
  name: string
  server: PlannedServer
  run: Run
  waiting: Change[]
  results: ChangeResult[]
  /** Set while the server is locked and counts as one of those that are worked on. */
  held?: Held
  /** Why the server as a whole failed. */
  failure?: Failure
  /** Why its wave did not begin. */
  paused?: Failure
  /** Tokens for images that this run updates: the marks of a token would change their ETag, so they are settled afterwards. */
  later?: LeftTokens
}

async function step(way: Way): Promise<void> {
  const { name, results, run } = way
  const [change] = way.waiting
  if (change === undefined) return
  if (isPruning(change)) run.phases.end(reportOf(way))
  if (way.paused === undefined && isHeldUp(change, way)) {
    await leave(way)
    await untilReady(change, way)
  }
  const obstacle =
    way.failure ??
    way.paused ??
    findLack(change, way.server) ??
    findObstacle(change, results, run.signal) ??
    (await findJoined(change, way))
  if (obstacle === undefined && way.held === undefined) return enter(way)
  way.waiting.shift()
  if (obstacle === undefined) run.onEvent?.({ kind: 'begun', server: name, change })
  const result: ChangeResult = obstacle
    ? { change, outcome: 'skipped', error: obstacle }
    : await auditChange(change, name, run)
  results.push(result)
  run.contents.ended(name, result)
  // A wave that did not begin is reported as a whole.
  if (way.paused === undefined) run.onEvent?.({ kind: 'ended', server: name, result })
}

/** Why an image must not be sent: it would not fit. */
function findLack(change: Change, { space }: PlannedServer): Failure | undefined {
  if (!isCreation(change)) return undefined
  return space?.lacking?.find(({ image }) => image === change.image)?.error
}

/** Whether a change has to wait for other servers. */
function isHeldUp(change: Change, { name, run }: Way): boolean {
  if (change.action === 'copy-image')
    return (
      run.contents.isComing(change.from.server, change.fingerprint) &&
      run.waves?.laterWave(change.from.server, name) === undefined
    )
  if (!isPruning(change)) return false
  const { same, copiers } = run.phases.before(name)
  return !run.phases.isOver([...same, ...copiers]) || run.waves?.isChecked(name) === false
}

async function untilReady(change: Change, { name, run }: Way): Promise<void> {
  if (change.action === 'copy-image')
    return void (await run.contents.whenThere(change.from.server, change.fingerprint))
  const { same, copiers } = run.phases.before(name)
  await run.phases.reports([...same, ...copiers])
  await run.waves?.checked(name)
}

/** Why a change must not be started, given the other servers. */
async function findJoined(change: Change, { name, run }: Way): Promise<Failure | undefined> {
  if (isPruning(change)) return findPruneObstacle(name, run)
  if (change.action !== 'copy-image') return undefined
  const { server } = change.from
  const wave = run.contents.isComing(server, change.fingerprint)
    ? run.waves?.laterWave(server, name)
    : undefined
  if (wave !== undefined)
    return {
      code: 'skipped',
      message: `not started: "${server}" gets the image only in wave ${wave}; list it before "${name}" in the manifest, so that its wave comes first`,
    }
  const failure = await run.contents.whenThere(server, change.fingerprint)
  return (
    failure && {
      code: 'skipped',
      message: `not started: "${server}" did not get the image: ${failure.message}`,
    }
  )
}

async function waitForWave(way: Way): Promise<void> {
  const paused = await way.run.waves?.begin(way.name)
  if (paused !== undefined) way.paused = paused
}

/** Locks the server and plans it again if another run had the lock. While it waits for the lock, others are worked on. */
async function enter(way: Way): Promise<void> {
  const { name, run } = way
  await run.semaphore.acquire()
  let isWorking = true
  try {
    const held = await run.locks?.take(name, way.waiting, () => {
      if (isWorking) run.semaphore.release()
      isWorking = false
    })
    if (!isWorking) await run.semaphore.acquire()
    isWorking = true
    way.held = held ?? { hasWaited: false, release: async () => {} }
    await settle(way)
    if (way.held.hasWaited && run.planAgain !== undefined) await replan(way, run.planAgain)
  } catch (error) {
    if (way.held === undefined && isWorking) run.semaphore.release()
    if (run.signal.aborted) return
    const { code, message } = describeFailure(error)
    way.failure = { code, message: `not started: ${message}` }
  }
}

/** Ends what a killed run has left. A failure here is one of the server, and is reported with the first of its changes. */
async function settle(way: Way): Promise<void> {
  const { name, run, waiting } = way
  const { open, manifest, signal, settled } = run
  const server = run.identify(name)
  // Once in a run: later, another entry for the same server may have a token of its own.
  if (settled.has(server)) return
  settled.add(server)
  const updated = new Set(
    waiting.flatMap((each) => (each.action === 'update-image' && each.etag !== null ? each.fingerprint : [])),
  )
  const isUpdated = (token: LeftTokens['tokens'][number]): boolean =>
    updated.has(fingerprintOfToken(token) ?? '')
  try {
    const client = await open(name)
    const { tokens, uploads } = await findTokens(client, manifest, signal)
    way.later = { named: [], tokens: tokens.filter(isUpdated), uploads: [] }
    const named = await findNamed(name, client, run)
    const now = tokens.filter((token) => !isUpdated(token))
    await settleTokens(client, { named: named.all, tokens: now, uploads }, signal)
    for (const { fingerprint } of named.noted) await run.notes?.end(placeOf(name, client), fingerprint)
  } catch {
    // The next run tries again.
  }
}

async function settleLater({ name, run, later }: Way): Promise<void> {
  if (later === undefined || later.tokens.length === 0) return
  await run
    .open(name)
    .then((client) => settleTokens(client, later, run.signal))
    .catch(() => undefined)
}

/** Does the same on a server without changes, but not if another run works there: then the tokens are that run's. */
async function settleUnchanged(way: Way): Promise<void> {
  const { name, run } = way
  const { open, manifest, signal } = run
  if (run.settled.has(run.identify(name))) return
  await run.semaphore.acquire()
  let isWorking = true
  const pause = (): void => {
    if (isWorking) run.semaphore.release()
    isWorking = false
  }
  try {
    const client = await open(name)
    const { tokens } = await findTokens(client, manifest, signal)
    if (tokens.length + (await findNamed(name, client, run)).all.length === 0) return
    const images = run.wantedOn(name)?.images ?? []
    const wanted = images.flatMap((image) => [...image.aliases.map((alias) => alias.name), ...image.names])
    const held = await run.locks?.take(name, [], pause, { wanted, timeout: 0 })
    await settle(way).finally(() => held?.release())
  } catch {
    // Another run works there, or the server fails; the next run tries again.
  } finally {
    pause()
  }
}

async function replan(way: Way, planAgain: NonNullable<Run['planAgain']>): Promise<void> {
  const { name, run } = way
  const { server } = await planAgain(name, { changes: way.waiting, isBegun: way.results.length > 0 })
  const coming = new Set(server.changes.filter(isCreation).map(({ fingerprint }) => fingerprint))
  // The other run has brought these images, so nobody needs to wait for them any more.
  for (const change of way.waiting)
    if (isCreation(change) && !coming.has(change.fingerprint))
      run.contents.ended(name, { change, outcome: 'done' })
  way.waiting = [...server.changes]
  way.server = server
}

async function leave(way: Way): Promise<void> {
  const { held, run } = way
  if (held === undefined) return
  delete way.held
  run.semaphore.release()
  await held.release()
}

function reportOf({ name, server, results, failure, paused, run }: Way): ServerReport {
  const problems: ImageProblem[] = server.problems ?? []
  const status =
    failure !== undefined ? 'failed' : isWaiting(paused, run) ? 'waiting' : statusOf(results, run.signal)
  return {
    name,
    status: status === 'done' && problems.length > 0 ? 'failed' : status,
    ...(failure === undefined ? {} : { error: failure }),
    results: [...results],
    ...(problems.length === 0 ? {} : { problems }),
  }
}

function isWaiting(paused: Failure | undefined, { signal }: Run): boolean {
  return paused !== undefined && !signal.aborted
}
