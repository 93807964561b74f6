import { HyperkitError, UnsupportedError } from '@hyperkit/core'
import { createLoginSource } from '../oidc/create-login-source.ts'
import { processEnvironment } from '../transport/process-environment.ts'
import type { OneAddressOptions, UrlTransportOptions } from '../transport/transport-options.ts'
import { families } from './families.ts'
import { type FindRemoteOptions, findRemote } from './find-remote.ts'
import { findSocket } from './find-socket.ts'
import { readClientCertificate } from './read-client-certificate.ts'
import { readPinnedCertificate } from './read-pinned-certificate.ts'
import type { ClientConfiguration, UsableRemote } from './remote.ts'

/** Options of {@link resolveRemote}. */
export interface ResolveRemoteOptions extends FindRemoteOptions {
  /** Whether an OIDC login that has expired is renewed, and saved for the user's own client. @default true */
  renewsLogin?: boolean
}

/** The result of {@link resolveRemote}. */
export interface ResolvedRemote {
  remote: UsableRemote
  /** How to reach it at each of its addresses, in the order in which they are tried. */
  transports: [OneAddressOptions, ...OneAddressOptions[]]
  /** The project that a variable names, else that of the remote. */
  project: string | undefined
}

/**
 * Finds a remote of the user's client configuration, with everything that is needed to reach it.
 *
 * @param name as in {@link findRemote}
 * @throws ArgumentError for a remote that does not exist, or a name that two different remotes have
 * @throws UnsupportedError for a remote without the API, or with a login that only the client itself supports
 * @throws HyperkitError `invalid-configuration`
 *
 * @example
 * ```ts
 * const remote = await resolveRemote('prod')
 * console.log(remote)
 * ```
 */
export async function resolveRemote(
  name?: string,
  options: ResolveRemoteOptions = {},
): Promise<ResolvedRemote> {
  const { remote, configuration } = await findRemote(name, options)
  refuseUnusable(remote)
  const transports = await transportsOf(remote, configuration, options)
  return { remote, transports, project: configuration.project ?? remote.project }
}

function refuseUnusable(remote: UsableRemote): void {
  if (remote.protocol === 'simplestreams') {
    throw new UnsupportedError(
      `Cannot connect to "${remote.name}": it is a simplestreams image server without an API; name it as the source of an image instead (server "${remote.addresses[0]}", protocol "simplestreams")`,
    )
  }
  if (remote.protocol === 'oci') {
    throw new UnsupportedError(
      `Cannot connect to "${remote.name}": it is a registry of OCI images and no LXD or Incus server; name it as the source of an image instead ("hyperkit copy ${remote.name}:IMAGE TARGET:", or "protocol: oci" in a manifest)`,
    )
  }
  if (
    remote.authType !== undefined &&
    remote.authType !== 'tls' &&
    remote.authType !== 'oidc' &&
    !isUnix(remote)
  ) {
    throw new UnsupportedError(
      `Cannot connect to "${remote.name}": its login "${remote.authType}" is not supported; use "tls" or "oidc"`,
    )
  }
}

async function transportsOf(
  remote: UsableRemote,
  configuration: ClientConfiguration,
  options: ResolveRemoteOptions,
): Promise<[OneAddressOptions, ...OneAddressOptions[]]> {
  const environment = options.environment ?? processEnvironment()
  if (isUnix(remote)) {
    const socket = await findSocket(remote.addresses[0] ?? '', families[remote.client], environment)
    if (socket.access === 'absent') {
      throw new HyperkitError(
        'unreachable',
        `Cannot connect to "${remote.name}": there is no unix socket "${socket.path}"; start the server, or name another remote`,
        { server: remote.name },
      )
    }
    return [{ socket: socket.path, name: remote.name }]
  }
  const shared = { name: remote.name, environment, ...(await identityOf(remote, configuration)) }
  const servers = remote.addresses.map((address): UrlTransportOptions => ({ url: toUrl(address), ...shared }))
  const [first, ...others] = hasLogin(remote)
    ? withLogin(remote, configuration, servers, options.renewsLogin)
    : servers
  // A remote without an address is disabled when it is read.
  if (first === undefined) throw new TypeError(`Remote "${remote.name}" has no address`)
  return [first, ...others]
}

async function identityOf(
  remote: UsableRemote,
  configuration: ClientConfiguration,
): Promise<Pick<UrlTransportOptions, 'serverCertificate' | 'certificateAuthority' | 'clientCertificate'>> {
  const serverCertificate = await readPinnedCertificate(remote, configuration)
  const pin = serverCertificate === undefined ? {} : { serverCertificate }
  if (remote.public || hasLogin(remote)) return pin
  const { clientCertificate, certificateAuthority } = await readClientCertificate(remote, configuration)
  return {
    ...pin,
    clientCertificate,
    ...(certificateAuthority === undefined ? {} : { certificateAuthority }),
  }
}

function hasLogin(remote: UsableRemote): boolean {
  return remote.authType === 'oidc' && !remote.public
}

function withLogin(
  remote: UsableRemote,
  { client, folder }: ClientConfiguration,
  servers: readonly UrlTransportOptions[],
  renewsLogin = true,
): UrlTransportOptions[] {
  const path = `${folder}/oidctokens/${remote.name}.json`
  const token = createLoginSource({ remote: remote.name, client, path }, servers, { renews: renewsLogin })
  return servers.map((server) => ({ ...server, token }))
}

function isUnix(remote: UsableRemote): boolean {
  return remote.addresses[0]?.startsWith('unix:') ?? false
}

function toUrl(address: string): string {
  return address.includes('://') ? address : `https://${address}`
}
