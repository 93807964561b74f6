import type { PlanningAgain } from '../apply/run-state.ts'
import type { Desired, DesiredServer } from '../desired/desired.ts'
import { isKnown } from '../identity/fingerprint-to-come.ts'

/** What is known of what a server should have, so that its sources need not be read; undefined for a server that gets nothing. */
export type KnownDesired = (server: string) => DesiredServer | Promise<DesiredServer> | undefined

/** What is kept of the desired state when one server is planned again. */
export interface KeptDesired {
  servers: KnownDesired
  /** The server whose sources are read again; undefined: none. */
  again?: string
  /** What is not read again of the sources of that server. */
  own?: DesiredServer | undefined
}

/**
 * Decides which contents stay as they were found at the start of the run when a server is planned again: those of all other servers, and in
 * a rollout those of this one too, since newer ones have passed no check of an earlier wave. But an image that is published has no
 * fingerprint at the start; so after another run had the lock, or when nothing is left but to prune, its source is read again.
 */
export async function keepContents(
  servers: KnownDesired,
  { isRollout, server, why }: { isRollout: boolean; server: string; why: PlanningAgain },
): Promise<KeptDesired> {
  if (!isRollout) return { servers, again: server }
  const own = why === 'wave' ? undefined : await servers(server)
  const images = own?.images.filter(({ fingerprint }) => isKnown(fingerprint))
  if (own === undefined || images?.length === own.images.length) return { servers }
  return { servers, again: server, own: { ...own, images: images ?? [] } }
}

/** The {@link KnownDesired} of a desired state that is known as a whole. */
export function knownOf(desired: Desired | undefined): KnownDesired {
  return (server) => desired?.servers.find(({ name }) => name === server)
}
