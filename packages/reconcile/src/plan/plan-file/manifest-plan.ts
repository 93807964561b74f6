import type { Plan } from '../../documents/plan.ts'
import type { Seen } from '../../documents/saved-plan.ts'

/** A plan of a manifest with all that it was made from: data, so that it can be looked at, kept and applied later. */
export interface ManifestPlan extends Plan {
  seen: Seen
}
