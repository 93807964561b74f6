import type { Plan } from '../plan/plan.ts'
import { summarizePlan } from '../plan/summarize-plan.ts'

/** One stable, versioned document: the plan itself, with its summary. */
export function renderPlanJson(plan: Plan): string {
  const { format, version, manifest, servers, notPruned } = plan
  return `${JSON.stringify({ format, version, manifest, summary: summarizePlan(plan), servers, notPruned }, null, 2)}\n`
}
