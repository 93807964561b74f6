import { type LoadedManifest, loadManifest } from '../manifest/load-manifest.ts'
import type { GuardOptions } from '../plan/guard/guard-plan.ts'
import { observeEach } from './observe-each.ts'
import { planEach } from './plan-each.ts'
import type { ObservedManifest, PlanChoice, PlanInput, PreparedPlan, Preparing } from './preparing.ts'

/** Plans from the files of a manifest, as both `plan` and `apply` do. */
export async function preparePlan(
  input: PlanInput,
  preparing: Preparing,
  options: GuardOptions = {},
): Promise<PreparedPlan> {
  return planLoaded(await loadManifest(input.paths), input, preparing, options)
}

/**
 * Plans from a loaded manifest, when each server has answered or was given up.
 *
 * @throws {ManifestError} also with entries that break the policy, before anything is read
 */
export async function planLoaded(
  manifest: LoadedManifest,
  selection: PlanChoice,
  preparing: Preparing,
  { allowEmpty }: GuardOptions = {},
): Promise<PreparedPlan> {
  return wholeOf(await planEach(manifest, selection, preparing, { allowEmpty }))
}

/** Reads everything that a plan needs, for commands that plan in other ways. */
export async function observeManifest(
  paths: readonly string[],
  preparing: Preparing,
): Promise<ObservedManifest> {
  const manifest = await loadManifest(paths)
  return wholeOf(await observeEach(manifest, { targets: [], servers: [] }, preparing))
}

async function wholeOf<Whole>({
  whole,
  close,
}: {
  whole: Promise<Whole>
  close(): Promise<void>
}): Promise<Whole> {
  return whole.catch(async (error: unknown) => {
    await close()
    throw error
  })
}
