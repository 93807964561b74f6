import type { Remaining } from '../apply/run-state.ts'
import type { LoadedManifest } from '../manifest/load-manifest.ts'
import { keepContents, knownOf } from './keep-contents.ts'
import { othersThan } from './pick-server.ts'
import type { Prepared, PreparedPlan, Preparing } from './preparing.ts'
import { refuseChanged } from './refuse-changed.ts'

/**
 * What is kept of a whole plan when one of its servers is planned again.
 *
 * @throws {HyperkitError} `precondition-failed` if something is pruned late and the manifest was changed since it was loaded
 */
export async function keepKnown(
  server: string,
  { plan, desired, observed }: Pick<Prepared, 'plan' | 'desired'> & Partial<Pick<PreparedPlan, 'observed'>>,
  manifest: LoadedManifest,
  { why }: Pick<Remaining, 'why'>,
): Promise<Pick<Preparing, 'known' | 'desired'>> {
  if (why === 'prune') await refuseChanged(manifest)
  const isRollout = plan.rollout !== undefined
  return {
    known: othersThan(server, observed),
    desired: await keepContents(knownOf(desired), { isRollout, server, why }),
  }
}
