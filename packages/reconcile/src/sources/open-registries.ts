import { openRemoteRegistry, openUserRegistry } from '@hyperkit/connect'
import type { Registry } from '@hyperkit/core'
import type { RegistryLimits } from '@hyperkit/core/parts'
import type { RemoteServer } from './open-remote.ts'
import type { OpenOptions } from './wrap-transport.ts'

/** Opens a registry with the credentials of the user, once for each that sources name. */
export type OpenRegistries = (remote: Pick<RemoteServer, 'server' | 'access'>) => Promise<Registry>

/** Options of {@link openRegistries}. */
export interface OpenRegistriesOptions extends Pick<OpenOptions, 'wrapTransport' | 'keepsNothing'> {
  /** When registries may be asked again that wanted no more requests; those of other passes too. @default those of this pass */
  limits?: RegistryLimits | undefined
}

/** The registries of one pass over servers, which asks each of them once for what a tag means, whatever the number of servers and images. */
export function openRegistries({
  wrapTransport,
  keepsNothing,
  limits = new Map(),
}: OpenRegistriesOptions): OpenRegistries {
  const opened = new Map<string, Promise<Registry>>()
  const options = { wrapTransport, keepsNothing, limits, asksOnce: true }
  const open: OpenRegistries = async ({ server, access }) => {
    const { remote, certificate } = access
    const own = remote === undefined ? undefined : await openRemoteRegistry(remote, options)
    return own ?? openUserRegistry(server, { serverCertificate: certificate, ...options })
  }
  return (place) => {
    const key = JSON.stringify([place.server, place.access.remote, place.access.certificate])
    const known = opened.get(key) ?? open(place)
    opened.set(key, known)
    return known
  }
}
