import { openSimplestreams, type Simplestreams } from '@hyperkit/core'
import type { SimplestreamsOptions } from '@hyperkit/core/parts'
import { type FindRemoteOptions, findRemote } from '../configuration/find-remote.ts'
import { readPinnedCertificate } from '../configuration/read-pinned-certificate.ts'
import { createWebTransport } from '../transport/create-web-transport.ts'
import { processEnvironment } from '../transport/process-environment.ts'
import type { Environment } from '../transport/transport-options.ts'
import { fetchFromWeb } from './fetch-from-web.ts'

/** Options of {@link openRemoteStreams}. */
export type RemoteStreamsOptions = FindRemoteOptions &
  Pick<SimplestreamsOptions, 'createHash' | 'maxDocument' | 'onWarning'>

/**
 * Opens the simplestreams server that a remote of the user's client configuration names, such as `images`; undefined if the
 * remote is a server with the API, which `connect()` reaches.
 *
 * If the client has pinned a certificate (`servercerts/<remote>.crt`), the server must present it; else the authorities of the system are
 * trusted. HTTPS_PROXY, ALL_PROXY and NO_PROXY apply on each runtime.
 *
 * @param name `images`, `incus:images` or `lxc:images`
 * @throws ArgumentError for a remote that does not exist, or a name that two different remotes have
 *
 * @example
 * ```ts
 * const streams = await openRemoteStreams('images')
 * console.log(streams?.url) // then `streams.resolve('alpine/edge', { architecture: 'x86_64' })`
 * ```
 */
export async function openRemoteStreams(
  name: string | undefined,
  { createHash, maxDocument, onWarning, ...options }: RemoteStreamsOptions = {},
): Promise<Simplestreams | undefined> {
  const { remote, configuration } = await findRemote(name, options)
  if (remote.protocol !== 'simplestreams') return undefined
  const pin = await readPinnedCertificate(remote, configuration)
  const [url = ''] = remote.addresses
  const environment = options.environment ?? processEnvironment()
  const fetch =
    pin === undefined ? fetchFromWeb({ environment }) : await pinnedFetch(url, remote.name, pin, environment)
  return openSimplestreams(url, { name: remote.name, createHash, fetch, maxDocument, onWarning })
}

/** A pinned server must not redirect: a redirect is an error. */
async function pinnedFetch(
  url: string,
  name: string,
  serverCertificate: string,
  environment: Environment,
): Promise<SimplestreamsOptions['fetch']> {
  // The caller reports an invalid address.
  if (!URL.canParse(url)) return undefined
  const transport = await createWebTransport(new URL(url), { name, serverCertificate, environment })
  return (input, { headers, signal }) =>
    transport.fetch(input, {
      method: 'GET',
      headers: new Headers(headers),
      redirect: 'error',
      ...(signal ? { signal } : {}),
    })
}
