import type { ChangeResult } from '../documents/apply-report.ts'
import type { Failure } from '../documents/error.ts'
import type { Change, PlannedServer } from '../documents/plan.ts'
import { isCreation } from '../plan/plan-creation.ts'
import { auditChange } from './audit-change.ts'
import { chooseNext } from './choose-next.ts'
import { findObstacle } from './find-obstacle.ts'
import { findPruneObstacle } from './find-prune-obstacle.ts'
import { enter, giveUp, leave } from './hold-server.ts'
import { endWork } from './report-server.ts'
import { isPruning } from './run-state.ts'
import type { Way } from './way.ts'

/** Makes the changes that a server waits for, those of different images side by side. */
export async function makeChanges(way: Way): Promise<void> {
  const { name, run, running } = way
  while (way.waiting.length + running.size > 0) {
    // A caller's function has thrown: what has begun ends first, since it needs the lock.
    if (way.thrown !== undefined) {
      await Promise.all(running.values())
      throw way.thrown.error
    }
    numberChanges(way)
    // It begins nothing else, and gives its place to another server when nothing runs that needs the lock, unless one has done so by then.
    if (way.held !== undefined && way.waiting.length > 0 && run.places.isOverdrawn()) {
      if (running.size > 0) await Promise.race(running.values())
      else await giveUp(way)
      continue
    }
    const open = { waiting: way.waiting, running: [...running.keys()], atOnce: run.imagesAtOnce(name) }
    const change = chooseNext(open, (each) => way.paused !== undefined || !isHeldUp(each, way))
    if (change === undefined) await Promise.race(running.values())
    else
      await step(change, way).catch((error: unknown) => {
        way.thrown ??= { error }
      })
  }
  if (way.thrown !== undefined) throw way.thrown.error
}

/** Remembers where changes are in the plan; a plan that was made again comes after what was done before. */
function numberChanges({ waiting, order }: Way): void {
  const last = waiting.at(-1)
  if (last === undefined || order.has(last)) return
  for (const change of waiting) order.set(change, order.size)
}

async function step(change: Change, way: Way): Promise<void> {
  const { name, results, run } = way
  if (isPruning(change)) endWork(way)
  if (way.paused === undefined && isHeldUp(change, way)) {
    await leave(way)
    await untilReady(change, way)
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
  way.waiting = way.waiting.filter((each) => each !== change)
  if (obstacle !== undefined) return end({ change, outcome: 'skipped', error: obstacle }, way)
  run.onEvent?.({ kind: 'begun', server: name, change })
  const made = auditChange(change, name, run)
    .then((result) => end(result, way))
    .catch((error: unknown) => {
      way.thrown ??= { error }
    })
    .finally(() => way.running.delete(change))
  way.running.set(change, made)
}

function end(result: ChangeResult, { name, results, run, paused }: Way): void {
  results.push(result)
  run.contents.ended(name, result)
  // A wave that did not begin is reported as a whole.
  if (paused === undefined) run.onEvent?.({ kind: 'ended', server: name, result })
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
