import type { LoadedManifest } from '../manifest/load-manifest.ts'
import { PlanRefusedError } from '../plan/guard/plan-refused-error.ts'
import type { ManifestPlan } from '../plan/plan-file/manifest-plan.ts'
import { noteBasis } from './note-basis.ts'
import { planLoaded } from './prepare-plan.ts'
import { type RunOptions, settleRun } from './run-options.ts'

/** Options of {@link planManifest}. */
export interface PlanManifestOptions extends RunOptions {
  /** Names of servers, or labels that they have: `tier=edge`. A part of the servers prunes nothing. @default all */
  servers?: readonly string[] | undefined
  /** Names of images. A part of the images prunes nothing. @default all */
  targets?: readonly string[] | undefined
  /** Refuse what differs from the lock file, and take the locked image if its source has moved on. @default false */
  frozen?: boolean | undefined
  /** Images to publish anew, although their instances were published before. @default none */
  republish?: readonly string[] | undefined
  /** Prune images that the manifest does not name any more. @default false */
  allowEmpty?: boolean | undefined
}

/**
 * What has to be done so that servers are as a manifest says: reads its sources and servers, changes nothing, and leaves no
 * connection open. A server that cannot be read is one entry of the plan, with the reason.
 *
 * @throws {PlanRefusedError} if the plan has changes that must not be made: images of another owner, more than may be pruned
 * @throws {ManifestError} with `frozen`, with every difference from the lock file
 * @throws {HyperkitError} `invalid-argument` for a server or image that the manifest does not name
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
  const prepared = await planLoaded(manifest, choice, settleRun(options), { allowEmpty })
  await prepared.close()
  const plan = noteBasis(prepared, choice)
  if (prepared.refusals.length > 0) throw new PlanRefusedError(plan, prepared.refusals)
  return plan
}
