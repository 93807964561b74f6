import { createHash } from 'node:crypto'
import type { Plan } from '../../documents/plan.ts'
import type { SavedPlan, Seen } from '../../documents/saved-plan.ts'
import { canonical } from './find-moved.ts'

/** The document of a saved plan, with a digest that shows whether it was edited. */
export function sealPlan(plan: Plan, seen: Seen): SavedPlan {
  return { format: 'hyperkit-saved-plan', version: 1, digest: digestOf({ seen, plan }), seen, plan }
}

/** Whether a plan is unchanged since it was saved. */
export function isSealed({ digest, seen, plan }: SavedPlan): boolean {
  return digest === digestOf({ seen, plan })
}

function digestOf(content: { seen: Seen; plan: Plan }): string {
  return createHash('sha256').update(canonical(content)).digest('hex')
}
