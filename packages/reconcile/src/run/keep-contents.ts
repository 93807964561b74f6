import type { PlanningAgain } from '../apply/run-state.ts'
import type { Desired, DesiredServer } from '../desired/desired.ts'
import { isKnown } from '../identity/fingerprint-to-come.ts'

/** What is known of what a server should have, so that its sources need not be read; undefined for a server that gets nothing. */
export type KnownDesired = (server: string) => DesiredServer | Promise<DesiredServer> | undefined

/**
 * Decides whether a server that is planned again gets the contents that were found at the start of the run. In a rollout it does: newer
 * ones have passed no check of an earlier wave. But an image that is published has no fingerprint at the start; so after another run had
 * the lock, or when nothing is left but to prune, its source is read again.
 *
 * @returns undefined if the sources have to be read again
 */
export async function keepContents(
  desired: KnownDesired,
  { isRollout, server, why }: { isRollout: boolean; server: string; why: PlanningAgain },
): Promise<KnownDesired | undefined> {
  if (!isRollout || why === 'wave') return isRollout ? desired : undefined
  const own = await desired(server)
  return own?.images.every(({ fingerprint }) => isKnown(fingerprint)) ? desired : undefined
}

/** The {@link KnownDesired} of a desired state that is known as a whole. */
export function knownOf(desired: Desired | undefined): KnownDesired {
  return (server) => desired?.servers.find(({ name }) => name === server)
}
