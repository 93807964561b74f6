import { readFile } from 'node:fs/promises'
import { type ClientConfiguration, type ClientName, connect, findRemote as findOwn } from '@hyperkit/connect'
import { ArgumentError, type Client, HyperkitError } from '@hyperkit/core'
import { messageOf } from '@hyperkit/core/parts'
import type { RemoteSource, SourceProtocol } from '../manifest/source.ts'
import type { RemoteAccess } from './content.ts'
import type { OpenOptions } from './wrap-transport.ts'

/** A server that the manifest does not manage. */
export interface RemoteServer {
  /** The address of the server. */
  server: string
  protocol: SourceProtocol
  access: RemoteAccess
}

/**
 * Finds a remote by its address, or by its name in the user's client configuration.
 *
 * @param preferred which client's remote to take if `incus` and `lxc` have different built-in remotes of that name
 */
export async function findRemote(source: RemoteSource, preferred?: ClientName): Promise<RemoteServer> {
  const secret = await readSecret(source)
  if (source.remote.includes('://')) {
    const { remote, protocol, serverCertificate } = source
    if (protocol === undefined)
      throw new ArgumentError(
        'protocol',
        `Cannot read from "${remote}": the protocol is missing; add "protocol"`,
      )
    const certificate = serverCertificate && (await readPem(serverCertificate))
    return {
      server: addressOf(remote, protocol),
      protocol,
      access: { remote: undefined, certificate, secret },
    }
  }
  const { server, protocol, certificate } = await findConfigured(source.remote, preferred)
  if (source.protocol !== undefined && source.protocol !== protocol)
    throw new ArgumentError(
      'protocol',
      `Cannot use remote "${source.remote}" with protocol "${source.protocol}": your client configuration has "${protocol}"`,
    )
  return { server, protocol, access: { remote: source.remote, certificate, secret } }
}

/** Opens a client for a remote. For an address it has no identity, like the server that will download from it. */
export function openRemote(
  { server, access }: RemoteServer,
  project: string | null,
  { wrapTransport, maxDocument, keepsNothing }: OpenOptions,
): Promise<Client> {
  const common = {
    ...(project === null ? {} : { project }),
    ...(wrapTransport === undefined ? {} : { wrapTransport }),
    maxDocument,
  }
  if (access.remote !== undefined)
    return connect({ remote: access.remote, renewsLogin: keepsNothing !== true, ...common })
  const pinned = access.certificate === undefined ? {} : { serverCertificate: access.certificate }
  return connect({ url: server, ...pinned, ...common })
}

async function findConfigured(
  name: string,
  preferred: ClientName | undefined,
): Promise<{ server: string; protocol: SourceProtocol; certificate: string | undefined }> {
  const { remote, configuration } = await findOwn(name, { preferred })
  const address = remote.addresses[0] ?? ''
  if (address.startsWith('unix:'))
    throw new ArgumentError(
      'remote',
      `Cannot download from remote "${name}": it is a unix socket, which other servers cannot reach; declare it under "servers" and use "server"`,
    )
  const { protocol } = remote
  const server = addressOf(address.includes('://') ? address : `https://${address}`, protocol)
  return { server, protocol, certificate: await configuredCertificate(configuration, remote.name) }
}

/** Adds the port 8443 to an address without one, as clients do; servers that download would not. */
function addressOf(address: string, protocol: SourceProtocol): string {
  const plain = address.replace(/\/+$/, '')
  if (protocol === 'simplestreams' || protocol === 'oci' || /^https:\/\/[^/]*:\d+$/.test(plain)) return plain
  return `${plain}:8443`
}

async function configuredCertificate(
  { folder, globalFolder }: ClientConfiguration,
  name: string,
): Promise<string | undefined> {
  for (const each of [folder, globalFolder]) {
    const pem = await readFile(`${each}/servercerts/${name}.crt`, 'utf8').catch(() => undefined)
    if (pem !== undefined) return pem
  }
  return undefined
}

async function readSecret({ secret }: RemoteSource): Promise<string | undefined> {
  if (secret === undefined || secret.kind === 'text') return secret?.text
  const text = await readText(secret.file, 'secret')
  return text.trim()
}

function readPem(path: string): Promise<string> {
  return readText(path, 'certificate')
}

async function readText(path: string, what: string): Promise<string> {
  return readFile(path, 'utf8').catch((cause: unknown) => {
    const reason = messageOf(cause)
    throw new HyperkitError('file-unreadable', `Cannot read ${what} "${path}": ${reason}`, { cause })
  })
}
