import { HyperkitError } from '@hyperkit/core'
import { checkPlace, readReplaced, replaceFile } from '@hyperkit/files/parts'
import type { SavedPlan } from '../../documents/saved-plan.ts'
import { isOwnDocument } from './read-saved-plan.ts'

const action = 'save the plan as'

/**
 * Checks before the work that a plan can be saved at a path. A file that is not a plan is not replaced: `--out` with the manifest's
 * name would destroy the manifest.
 *
 * @throws {HyperkitError} `file-unwritable`
 */
export async function checkPlanPlace(path: string): Promise<void> {
  const present = await readReplaced(path, action)
  if (present !== undefined && present.length > 0 && !isOwnDocument(present))
    throw new HyperkitError(
      'file-unwritable',
      `Cannot ${action} "${path}": a file that is not a plan exists there; give another name, or remove it`,
    )
  await checkPlace(path, action)
}

/**
 * Writes a plan completely or not at all, readable only by its user.
 *
 * @throws {HyperkitError} `file-unwritable`
 */
export async function writeSavedPlan(path: string, plan: SavedPlan, signal?: AbortSignal): Promise<void> {
  await checkPlanPlace(path)
  await replaceFile(path, `${JSON.stringify(plan, null, 2)}\n`, { mode: 0o600, action, signal })
}
