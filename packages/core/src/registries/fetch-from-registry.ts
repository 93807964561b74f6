import { type Elsewhere, fetchElsewhere } from '../http/fetch-elsewhere.ts'
import type { RegistryCall } from './registry-call.ts'
import type { RegistryPlace } from './registry-place.ts'

/**
 * Sends a request for a registry, to itself or to a server that it names; any status is an answer. No redirect is followed, because the
 * credentials must not go along.
 */
export function fetchFromRegistry(
  place: RegistryPlace,
  { action, signal }: Pick<RegistryCall, 'action' | 'signal'>,
  url: string,
  how: Pick<Elsewhere, 'method' | 'body' | 'headers' | 'request'>,
): Promise<Response> {
  return fetchElsewhere(url, {
    ...how,
    fetch: place.fetch,
    redirect: 'manual',
    // Without redirects, the address is the only one; callers take https only.
    insecure: true,
    instead: '',
    signal,
    action,
    server: place.name,
  })
}
