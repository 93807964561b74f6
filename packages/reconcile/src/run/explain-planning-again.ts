import type { PlanningAgain } from '../apply/run-state.ts'

/** One line before the new plan of a server, unless that only confirms what is pruned. */
export function explainPlanningAgain(server: string, why: Exclude<PlanningAgain, 'prune'>): string {
  return why === 'lock'
    ? `${server}: planned again after waiting for another run`
    : `${server}: planned again, because it was changed while it waited for its wave`
}
