import type { ManifestPlan } from '../plan/plan-file/manifest-plan.ts'
import { readSavedPlan } from '../plan/plan-file/read-saved-plan.ts'
import { backFrom, moveBasis } from './record-basis.ts'

/**
 * Reads a plan that {@link writePlanFile} or `hyperkit-reconcile plan --out` wrote.
 *
 * @throws {HyperkitError} `invalid-configuration` for a file that was edited, or is not a plan
 *
 * @example
 * ```ts
 * const manifest = await loadManifest('images.yaml')
 * await writePlanFile('plan.json', await planManifest(manifest), { manifest })
 * console.log(renderPlan(await readPlanFile('plan.json')))
 * ```
 */
export async function readPlanFile(path: string): Promise<ManifestPlan> {
  const { plan, seen } = await readSavedPlan(path)
  return { ...plan, seen: moveBasis(seen, backFrom(path)) }
}
