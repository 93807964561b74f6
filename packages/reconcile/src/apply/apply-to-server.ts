import type { ChangeResult, ServerReport } from '../documents/apply-report.ts'
import type { Failure } from '../documents/error.ts'
import type { Change, ImageProblem, PlannedServer } from '../documents/plan.ts'
import { isCreation } from '../plan/plan-creation.ts'
import { describeFailure } from '../sources/describe-failure.ts'
import { auditChange } from './audit-change.ts'
import type { ComingServer, ServerToDo } from './coming-server.ts'
import { findObstacle, statusOf } from './find-obstacle.ts'
import { findPruneObstacle } from './find-prune-obstacle.ts'
import type { Place } from './places.ts'
import { planServerAgain } from './plan-server-again.ts'
import { isPruning, type Run } from './run-state.ts'
import { settleBefore, settleLater, settleUnchanged } from './settle-server.ts'
import type { Way } from './way.ts'

/**
 * Takes one server its way: it is locked, planned again if another run had the lock, changed, and unlocked. It waits for other servers
 * without its lock: for the source of a copy, and before its old versions are deleted, and what is pruned after that is planned
 * again under the lock.
 */
export async function applyToServer({ name, plan }: ComingServer, run: Run): Promise<ServerReport> {
  const { server, wanted, rest, refused } = await plan.then(
    (found) => ({ ...found, refused: undefined }),
    (error: unknown) => refuse(name, error),
  )
  if (wanted !== undefined) run.wanted.set(name, wanted)
  if (server.status === 'planned') run.contents.expect(server)
  run.roster.arrive(server)
  if (server.status === 'unread') {
    const report: ServerReport = {
      name,
      status: refused === undefined ? 'unread' : run.signal.aborted ? 'interrupted' : 'failed',
      error: server.error,
      results: [],
    }
    if (refused === undefined) run.onPlanned?.(server)
    run.phases.end(report)
    run.onWorked?.(report)
    return report
  }
  run.onPlanned?.(server)
  const way: Way = { name, waiting: [...server.changes], results: [], server, run, rest }
  try {
    if (way.waiting.length === 0) await settleUnchanged(way)
    else await waitForWave(way)
    while (way.waiting.length > 0) await step(way)
    while (way.rest !== undefined) await prune(way, way.rest)
  } finally {
    await settleLater(way)
    await leave(way)
    endWork(way)
  }
  return reportOf(way)
}

/** A server on which nothing is begun, and why. */
function refuse(name: string, error: unknown): ServerToDo & { refused: unknown } {
  const { code, message } = describeFailure(error)
  return {
    server: { status: 'unread', name, error: { code, message: `not started: ${message}` } },
    refused: error,
  }
}

/** All changes but those of pruning have been made, or will not be. */
function endWork(way: Way): void {
  const { run } = way
  if (way.isWorked) return
  way.isWorked = true
  const report = reportOf(way)
  run.phases.end(report)
  run.onWorked?.(report)
}

/** Deletes old versions, which are known when every server has answered or was given up. */
async function prune(way: Way, rest: NonNullable<ServerToDo['rest']>): Promise<void> {
  const { run } = way
  way.rest = undefined
  await settleLater(way)
  await leave(way)
  endWork(way)
  try {
    const whole = await rest()
    if (whole.status === 'unread') return
    way.server = whole
    way.waiting = whole.changes.filter(isPruning)
    way.isLate = true
    if (way.waiting.length > 0) run.onPlanned?.({ ...whole, changes: [...way.waiting], problems: [] })
    if (way.waiting.length > 0 && way.paused === undefined) await waitForWave(way)
  } catch (error) {
    if (run.signal.aborted) return
    const { code, message } = describeFailure(error)
    way.failure ??= { code, message: `nothing is pruned: ${message}` }
  }
  while (way.waiting.length > 0) await step(way)
}

async function step(way: Way): Promise<void> {
  const { name, results, run } = way
  const [change] = way.waiting
  if (change === undefined) return
  if (isPruning(change)) endWork(way)
  const isHeld = way.paused === undefined && isHeldUp(change, way)
  if (isHeld || (way.held !== undefined && run.places.isOverdrawn())) {
    await leave(way)
    if (isHeld) await untilReady(change, way)
    if (isPruning(change)) way.isLate = true
  }
  const obstacle =
    way.failure ??
    way.paused ??
    findLack(change, way.server) ??
    findOutdated(change, way) ??
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

/** Why an old version must stay that was to be deleted. */
function findOutdated(change: Change, { outdated }: Way): Failure | undefined {
  if (!outdated?.has(change)) return undefined
  return {
    code: 'precondition-failed',
    message:
      'not started: the server, or what it should have, was changed after this was planned; plan again',
  }
}

/** Whether a change has to wait for other servers. */
function isHeldUp(change: Change, { name, run }: Way): boolean {
  if (change.action === 'copy-image') {
    const { server } = change.from
    const isLater = run.waves?.laterWave(server, name) !== undefined
    return run.roster.isComing(server) || (run.contents.isComing(server, change.fingerprint) && !isLater)
  }
  return isPruning(change) && (!run.phases.isReadyToPrune(name) || run.waves?.isChecked(name) === false)
}

async function untilReady(change: Change, { name, run }: Way): Promise<void> {
  if (change.action === 'copy-image') {
    const { server } = change.from
    await run.roster.planOf(server)
    if (run.waves?.laterWave(server, name) === undefined)
      await run.contents.whenThere(server, change.fingerprint)
  } else {
    await run.phases.before(name)
    await run.waves?.checked(name)
  }
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
  if (way.run.waves?.isLater(way.name) === true) way.isOld = true
}

/** Locks the server and plans it again if another run had the lock. While it waits for the lock, others are worked on. */
async function enter(way: Way): Promise<void> {
  const { name, run } = way
  let place: Place | undefined = await run.places.take(name)
  try {
    const held = await run.locks?.take(name, way.waiting, () => {
      place?.leave()
      place = undefined
    })
    way.held = held ?? { hasWaited: false, release: async () => {} }
    place ??= await run.places.take(name)
    way.place = place
    await settleBefore(way)
    await planServerAgain(way, way.held)
  } catch (error) {
    if (way.held === undefined) place?.leave()
    if (run.signal.aborted) return
    const { code, message } = describeFailure(error)
    way.failure = { code, message: `not started: ${message}` }
  }
}

async function leave(way: Way): Promise<void> {
  const { held, place } = way
  if (held === undefined) return
  delete way.held
  delete way.place
  place?.leave()
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
