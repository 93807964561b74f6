import { HyperkitError } from '@hyperkit/core'
import { findPlace } from '@hyperkit/files/parts'
import type { Manifest } from '../manifest/manifest.ts'
import type { ManifestPlan } from '../plan/plan-file/manifest-plan.ts'
import { sealPlan } from '../plan/plan-file/seal-plan.ts'
import { writeSavedPlan } from '../plan/plan-file/write-saved-plan.ts'
import { findSecret } from './hide-secrets.ts'
import { moveBasis, towards } from './record-basis.ts'
import { requireManifest } from './require-manifest.ts'

/** Options of {@link writePlanFile}. */
export interface WritePlanFileOptions {
  /** The manifest that the plan was made from: the values of its secret variables must not get into the file. */
  manifest: Pick<Manifest, 'secrets'>
  /** Ends waiting for the reader of a FIFO. */
  signal?: AbortSignal | undefined
}

/**
 * Writes a plan to a file, as `hyperkit-reconcile plan --out` does: whole or not at all, readable only by its user, and with a
 * digest that reveals edits. An existing file that is not a plan is not replaced.
 *
 * @throws {HyperkitError} `file-unwritable`, also if the plan contains the value of a secret variable
 *
 * @example
 * ```ts
 * const manifest = await loadManifest('images.yaml')
 * await writePlanFile('plan.json', await planManifest(manifest), { manifest })
 *
 * // Later: if anything that the plan is based on has changed, this throws a StalePlanError, and nothing is done.
 * await applyPlan(await readPlanFile('plan.json'), { manifest })
 * ```
 */
export async function writePlanFile(
  path: string,
  { seen, ...plan }: ManifestPlan,
  options: WritePlanFileOptions,
): Promise<void> {
  const { secrets } = requireManifest(options?.manifest, `save the plan as "${path}"`)
  // Paths in a plan are relative to its folder. What is written to a pipe ends up in an unknown one, most likely this.
  const isFile = (await findPlace(path)).kind === 'file'
  const saved = sealPlan(plan, moveBasis(seen, towards(isFile ? path : 'plan.json')))
  const secret = findSecret(saved, secrets)
  if (secret !== undefined)
    throw new HyperkitError(
      'file-unwritable',
      `Cannot save the plan as "${path}": it contains the value of "\${${secret}}", and secrets are never written to files; apply without a saved plan`,
    )
  await writeSavedPlan(path, saved, options.signal)
}
