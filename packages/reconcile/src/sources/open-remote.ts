import { readFile } from 'node:fs/promises'
import { type ClientConfiguration, type ClientName, connect, findRemote as findOwn } from '@hyperkit/connect'
import { ArgumentError, type Client, HyperkitError } from '@hyperkit/core'
import { messageOf } from '@hyperkit/core/parts'
import type { RemoteSource, SourceProtocol } from '../manifest/source.ts'
import type { RemoteAccess } from './content.ts'
import type { OpenOptions } from './wrap-transport.ts'

/** A server that the manifest does not manage. */
export interface RemoteServer {
  /** Its address. */
  server: string
  protocol: SourceProtocol
  access: RemoteAccess
}

/**
 * Where a remote is: by its address, or by its name in the user's own configuration.
 *
 * @param preferred whose remote is meant where incus and lxc have different ones of that name from the start
 */
export async function findRemote(source: RemoteSource, preferred?: ClientName): Promise<RemoteServer> {
  const secret = await readSecret(source)
  if (source.remote.includes('://')) {
    const { remote, protocol, serverCertificate } = source
    if (protocol === undefined)
      throw new ArgumentError('protocol', `Cannot ask "${remote}": no protocol is given`)
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
      `Cannot use remote "${source.remote}" by protocol "${source.protocol}": your configuration says "${protocol}"`,
    )
  return { server, protocol, access: { remote: source.remote, certificate, secret } }
}

/** A client for it: for an address one that is nobody there, as the server is that will download from it. */
export function openRemote(
  { server, access }: RemoteServer,
  project: string | null,
  { wrapTransport }: OpenOptions,
): Promise<Client> {
  const common = {
    ...(project === null ? {} : { project }),
    ...(wrapTransport === undefined ? {} : { wrapTransport }),
  }
  if (access.remote !== undefined) return connect({ remote: access.remote, ...common })
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

/** With its port: a server that downloads knows nothing of 8443, which clients add where none is written. */
function addressOf(address: string, protocol: SourceProtocol): string {
  const plain = address.replace(/\/+$/, '')
  if (protocol === 'simplestreams' || /^https:\/\/[^/]*:\d+$/.test(plain)) return plain
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
