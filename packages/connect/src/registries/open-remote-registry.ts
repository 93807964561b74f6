import { openRegistry, type Registry, type Transport } from '@hyperkit/core'
import type { RegistryOptions } from '@hyperkit/core/parts'
import { type FindRemoteOptions, findRemote } from '../configuration/find-remote.ts'
import { readPinnedCertificate } from '../configuration/read-pinned-certificate.ts'
import { fetchFromWeb } from '../streams/fetch-from-web.ts'
import { processEnvironment } from '../transport/process-environment.ts'
import type { Environment } from '../transport/transport-options.ts'
import { findCredentials } from './find-credentials.ts'
import { keepDocuments } from './keep-documents.ts'

/** Options of {@link openUserRegistry}. */
export interface UserRegistryOptions
  extends Pick<RegistryOptions, 'name' | 'maxDocument' | 'asksOnce' | 'limits'> {
  /** The certificate that the registry must present: PEM, or the fingerprint. @default any that an authority of the system has signed */
  serverCertificate?: string | undefined
  /** A program that gives the credentials, by docker's protocol. @default those of docker's configuration */
  credentialsHelper?: string | undefined
  /** Environment variables. @default those of the process */
  environment?: Environment | undefined
  /** Whether nothing is written to this machine: descriptions of images are read again each time. @default false */
  keepsNothing?: boolean | undefined
  /** Wraps each transport that is opened. @default no wrapper */
  wrapTransport?: ((transport: Transport) => Transport) | undefined
}

/**
 * Opens a registry of OCI images with the user's own credentials, which are looked for only if the registry wants some: in the variable
 * DOCKER_AUTH_CONFIG, in docker's `config.json` (DOCKER_CONFIG), and in the helpers that these name.
 *
 * @example
 * ```ts
 * const registry = openUserRegistry('https://registry.example.org')
 * console.log(registry.url) // then `registry.resolve('team/app:1')`
 * ```
 */
export function openUserRegistry(url: string, options: UserRegistryOptions = {}): Registry {
  const { name, maxDocument, asksOnce, limits, credentialsHelper: helper, keepsNothing = false } = options
  const environment = options.environment ?? processEnvironment()
  return openRegistry(url, {
    name,
    maxDocument,
    asksOnce,
    limits,
    documents: keepDocuments(environment, { keepsNothing }),
    fetch: createFetch(url, options, environment),
    credentials: () => findCredentials(new URL(url).host, { helper, environment }),
  })
}

/** Options of {@link openRemoteRegistry}. */
export type RemoteRegistryOptions = FindRemoteOptions &
  Pick<UserRegistryOptions, 'asksOnce' | 'keepsNothing' | 'limits' | 'maxDocument' | 'wrapTransport'>

/**
 * Opens the registry that a remote with `protocol: oci` of the user's client configuration names; undefined if the remote is of another
 * kind. The `credentials_helper` of the remote, and a certificate in `servercerts/`, apply as they do for Incus' own client.
 *
 * @param name `docker` or `incus:docker`
 *
 * @example
 * ```ts
 * const open = () => openRemoteRegistry('docker')
 * ```
 */
export async function openRemoteRegistry(
  name: string | undefined,
  { asksOnce, keepsNothing, limits, maxDocument, wrapTransport, ...options }: RemoteRegistryOptions = {},
): Promise<Registry | undefined> {
  const { remote, configuration } = await findRemote(name, options)
  if (remote.protocol !== 'oci') return undefined
  const serverCertificate = await readPinnedCertificate(remote, configuration)
  const [address = ''] = remote.addresses
  return openUserRegistry(address.includes('://') ? address : `https://${address}`, {
    name: remote.name,
    serverCertificate,
    credentialsHelper: remote.credentialsHelper,
    environment: options.environment,
    asksOnce,
    keepsNothing,
    limits,
    maxDocument,
    wrapTransport,
  })
}

/** A pinned certificate is that of the registry's host; the token server and the store of a registry may be on others. */
function createFetch(
  url: string,
  { serverCertificate, wrapTransport }: UserRegistryOptions,
  environment: Environment,
): RegistryOptions['fetch'] {
  const web = fetchFromWeb({ environment, wrapTransport })
  const pinned =
    serverCertificate === undefined ? web : fetchFromWeb({ environment, serverCertificate, wrapTransport })
  const own = URL.canParse(url) ? new URL(url).hostname : ''
  return (input, init) => (new URL(input).hostname === own ? pinned : web)(input, init)
}
