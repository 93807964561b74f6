import { isDeepStrictEqual } from 'node:util'
import { type CarryOutEachOptions, carryOutEach } from '../apply/carry-out-plan.ts'
import type { PlannedAgain, PlanningAgain, Remaining } from '../apply/run-state.ts'
import { createImagesAtOnce } from '../concurrency/images-at-once.ts'
import type { ApplyReport } from '../documents/apply-report.ts'
import type { GuardOptions } from '../plan/guard/guard-plan.ts'
import { keepContents } from './keep-contents.ts'
import { unreadError } from './pick-server.ts'
import { type ArrivingPlan, planEach } from './plan-each.ts'
import type { PlanChoice, Preparing } from './preparing.ts'
import { refuseChanged } from './refuse-changed.ts'

/** Options of {@link carryOutArriving}. */
export interface CarryOutArrivingOptions
  extends Omit<CarryOutEachOptions, 'open' | 'identify' | 'planAgain' | 'signal'> {
  /** How the plan was made. A server is planned again in the same way. */
  choice: PlanChoice
  preparing: Preparing
  guard?: GuardOptions | undefined
  /**
   * Called before a server is planned again, and with its new plan before that is carried out; not if that only confirms what is pruned, or
   * what was planned before it waited for other servers. A rejection ends its work.
   */
  onPlanAgain?:
    | ((
        server: string,
        why: Exclude<PlanningAgain, 'prune'>,
        planned?: PlannedAgain['server'],
      ) => Promise<void>)
    | undefined
}

/**
 * Carries out a plan of {@link planEach}, each server as soon as its own plan is there. A server that another run had locked is planned
 * again by itself: the others are not read again, and one that has not answered yet is not waited for.
 */
export async function carryOutArriving(
  arriving: ArrivingPlan,
  { choice, preparing, guard = {}, onPlanAgain, ...options }: CarryOutArrivingOptions,
): Promise<ApplyReport> {
  const { manifest, servers, waves, identify, open } = arriving
  const { file, name } = manifest
  const planAgain = async (server: string, { why, changes }: Remaining): Promise<PlannedAgain> => {
    if (why === 'prune') await refuseChanged(manifest)
    if (why === 'lock') await onPlanAgain?.(server, why)
    const known: Preparing['known'] = (other) => (other === server ? undefined : arriving.observed(other))
    // It has a place already, among the servers that are worked on.
    const desired = await keepContents(arriving.desired, { isRollout: waves !== undefined, server, why })
    const alone = { ...preparing, connections: arriving, known, desired, places: undefined }
    const next = await planEach(manifest, choice, alone, guard)
    const found = next.servers.find((each) => each.name === server)
    if (found === undefined) throw new Error(`"${server}" is not planned`)
    const { server: planned, wanted, rest } = await found.plan
    if (planned.status === 'unread') throw unreadError(planned.error)
    const isOther = (why === 'wave' || why === 'place') && !isDeepStrictEqual(planned.changes, changes)
    if (isOther) await onPlanAgain?.(server, why)
    if (isOther || why === 'lock') await onPlanAgain?.(server, why, planned)
    return { server: planned, desired: { manifest: { file, name }, servers: [wanted] }, rest }
  }
  return carryOutEach(
    { manifest: { file, name }, servers, waves },
    {
      maxSize: manifest.policy?.maxSize,
      imagesAtOnce: createImagesAtOnce(manifest.servers, preparing.imagesPerServer),
      ...options,
      signal: preparing.signal,
      open,
      identify,
      planAgain,
    },
  )
}
