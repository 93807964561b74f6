import type { Plan } from '../../documents/plan.ts'
import type { Seen } from '../../documents/saved-plan.ts'

/** A plan of a manifest with everything that it was made from. It is plain data, so that it can be shown, saved and applied later. */
export interface ManifestPlan extends Plan {
  seen: Seen
}
