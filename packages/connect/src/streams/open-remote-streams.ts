import { openSimplestreams, type Simplestreams, type SimplestreamsOptions } from '@hyperkit/core'
import { findRemote, splitRemoteName } from '../configuration/find-remote.ts'
import {
  type ConfigurationOptions,
  processEnvironment,
  readClientConfiguration,
} from '../configuration/read-client-configuration.ts'
import { readText } from '../configuration/read-text.ts'
import { createUnrecorded } from '../transport/create-transport.ts'

/** Options of {@link openRemoteStreams}. */
export type RemoteStreamsOptions = ConfigurationOptions & Pick<SimplestreamsOptions, 'createHash'>

/**
 * The simplestreams server that a remote of the user's client configuration stands for, such as `images`; undefined where
 * the remote is a server with the API, which `connect()` reaches.
 *
 * A certificate that the client has pinned (`servercerts/<remote>.crt`) must be shown; else the runtime's own `fetch` is
 * used, with its trust and its proxies.
 *
 * @param name `images`, `incus:images` or `lxc:images`
 * @throws ArgumentError no such remote, or two different ones
 *
 * @example
 * ```ts
 * const streams = await openRemoteStreams('images')
 * console.log(streams?.url) // then `streams.resolve('alpine/edge', { architecture: 'x86_64' })`
 * ```
 */
export async function openRemoteStreams(
  name: string | undefined,
  { createHash, ...options }: RemoteStreamsOptions = {},
): Promise<Simplestreams | undefined> {
  const wanted = splitRemoteName(name ?? '')
  const configurations = await readClientConfiguration({
    ...options,
    client: wanted.client ?? options.client,
  })
  const environment = options.environment ?? processEnvironment()
  const { remote, configuration } = await findRemote(wanted.name, configurations, environment)
  if (remote.protocol !== 'simplestreams') return undefined
  const { folder, globalFolder } = configuration
  const pin = await readText(
    `${remote.origin === 'global' ? globalFolder : folder}/servercerts/${remote.name}.crt`,
  )
  const [url = ''] = remote.addresses
  return openSimplestreams(url, {
    name: remote.name,
    createHash,
    fetch: pin === undefined ? undefined : await pinnedFetch(url, remote.name, pin),
  })
}

/** Who is pinned sends nobody elsewhere: a redirect is an error. */
async function pinnedFetch(
  url: string,
  name: string,
  serverCertificate: string,
): Promise<SimplestreamsOptions['fetch']> {
  const { hostname, port } = new URL(url)
  const transport = await createUnrecorded({
    url: `https://${hostname}:${port || 443}`,
    name,
    serverCertificate,
  })
  return (input, { headers, signal }) =>
    transport.fetch(input, {
      method: 'GET',
      headers: new Headers(headers),
      redirect: 'error',
      ...(signal ? { signal } : {}),
    })
}
