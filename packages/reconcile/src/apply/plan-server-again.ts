import { isDeepStrictEqual } from 'node:util'
import type { Change } from '../documents/plan.ts'
import { isCreation } from '../plan/plan-creation.ts'
import type { Held } from './lock-servers.ts'
import { isPruning, type PlanningAgain, type Run } from './run-state.ts'
import type { Way } from './way.ts'

/** Plans a locked server again, if it may have been changed since it was planned. */
export async function planServerAgain(way: Way, { hasWaited }: Held): Promise<void> {
  const { planAgain } = way.run
  if (planAgain === undefined) {
    // The plan is older than what another run may have done.
    if (hasWaited || way.isOld) way.run.leftovers.delete(way.name)
    return
  }
  if (way.isLate) await confirmPruning(way, planAgain)
  else if (hasWaited) await replan(way, planAgain, 'lock')
  else if (way.isInterrupted) await replan(way, planAgain, 'place')
  else if (way.isOld) await replan(way, planAgain, 'wave')
  way.isOld = false
  way.isInterrupted = false
}

async function replan(way: Way, planAgain: NonNullable<Run['planAgain']>, why: PlanningAgain): Promise<void> {
  const { name, run } = way
  const { server, desired, rest } = await planAgain(name, {
    changes: way.waiting,
    isBegun: way.results.length > 0,
    why,
  })
  const wanted = desired?.servers.find((each) => each.name === name)
  if (wanted !== undefined) run.wanted.set(name, wanted)
  const coming = new Set(server.changes.filter(isCreation).map(({ fingerprint }) => fingerprint))
  for (const change of way.waiting) {
    if (!isCreation(change) || coming.has(change.fingerprint)) continue
    // The other run has brought this image, so nobody needs to wait for it any more.
    const brought = wanted?.images.find(({ names }) => names.includes(change.image))
    if (brought !== undefined) run.contents.learn(change.fingerprint, brought.fingerprint)
    run.contents.ended(name, { change, outcome: 'done' })
  }
  run.contents.expect(server)
  way.waiting = [...server.changes]
  way.server = server
  way.rest = rest
}

/**
 * Plans again what is pruned: while the lock was given up, another run may have come and gone. Only what both plans delete is deleted, and
 * nothing if the server should get other changes now.
 */
async function confirmPruning(way: Way, planAgain: NonNullable<Run['planAgain']>): Promise<void> {
  const { name, waiting } = way
  const { server, rest } = await planAgain(name, { changes: waiting, isBegun: true, why: 'prune' })
  const now = rest === undefined ? server : await rest()
  const changes = now.status === 'planned' ? now.changes : []
  const isConfirmed = (change: Change): boolean =>
    changes.every(isPruning) && changes.some((each) => isSameDeletion(each, change))
  way.outdated = new Set(waiting.filter((change) => !isConfirmed(change)))
}

function isSameDeletion(one: Change, other: Change): boolean {
  if (one.action !== 'delete-image' || other.action !== 'delete-image') return false
  return one.fingerprint === other.fingerprint && isDeepStrictEqual(one.aliases, other.aliases)
}
