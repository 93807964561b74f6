import type { LoadedManifest } from '../manifest/load-manifest.ts'
import { PlanRefusedError } from '../plan/guard/plan-refused-error.ts'
import type { ManifestPlan } from '../plan/plan-file/manifest-plan.ts'
import { planLoaded } from './prepare-plan.ts'
import { recordBasis } from './record-basis.ts'
import { normalizeRun, type RunOptions } from './run-options.ts'

/** Options of {@link planManifest}. */
export interface PlanManifestOptions extends RunOptions {
  /** Names of servers, or labels such as `tier=edge`. A plan for some servers only prunes nothing. @default all */
  servers?: readonly string[] | undefined
  /** Names of images. A plan for some images only prunes nothing. @default all */
  targets?: readonly string[] | undefined
  /** Refuse differences from the lock file, and use the locked image if its source has a newer one. @default false */
  frozen?: boolean | undefined
  /** Images to publish again, even if their instances were published before. @default none */
  republish?: readonly string[] | undefined
  /** Whether to prune images that the manifest no longer names. @default false */
  allowEmpty?: boolean | undefined
}

/**
 * Plans the changes that bring servers in line with a manifest. Reads its sources and servers, changes nothing, and leaves no
 * connection open. A server that cannot be read becomes an entry of the plan with the reason.
 *
 * @throws {PlanRefusedError} if the plan has changes that must not be made: images of another owner, more than may be pruned
 * @throws {ManifestError} with every entry that breaks the manifest's policy; with `frozen`, with every difference from the lock file
 * @throws {HyperkitError} `invalid-argument` for a server or image that the manifest does not declare
 *
 * @example
 * ```ts
 * const manifest = await loadManifest('images.yaml')
 * const plan = await planManifest(manifest, { servers: ['prod'] })
 * console.log(renderPlan(plan))
 * ```
 */
export async function planManifest(
  manifest: LoadedManifest,
  { servers = [], targets = [], frozen, republish = [], allowEmpty, ...options }: PlanManifestOptions = {},
): Promise<ManifestPlan> {
  const choice = { servers, targets, frozen, republish }
  const prepared = await planLoaded(manifest, choice, normalizeRun(options), { allowEmpty })
  await prepared.close()
  const plan = recordBasis(prepared, choice)
  if (prepared.refusals.length > 0) throw new PlanRefusedError(plan, prepared.refusals)
  return plan
}
