import type { PlanningAgain } from '../apply/run-state.ts'

/** One line before the new plan of a server, unless that only confirms what is pruned. */
export function explainPlanningAgain(server: string, why: Exclude<PlanningAgain, 'prune'>): string {
  if (why === 'lock') return `${server}: planned again after waiting for another run`
  const waited = why === 'wave' ? 'waited for its wave' : 'let other servers go first'
  return `${server}: planned again, because it was changed while it ${waited}`
}
