import { ArgumentError } from '@hyperkit/core'
import { type BearerToken, type Identity, isLoopback } from '@hyperkit/core/parts'
import type { ClientCertificate } from '../certificates/client-certificate.ts'
import { chooseProxy } from './choose-proxy.ts'
import { processEnvironment } from './process-environment.ts'
import type {
  ClusterTransportOptions,
  OneAddressOptions,
  TransportOptions,
  UrlTransportOptions,
} from './transport-options.ts'

/** Checked options, with every default filled in. */
export type Endpoint = SocketEndpoint | UrlEndpoint

export interface SocketEndpoint {
  kind: 'socket'
  name: string
  origin: string
  socket: string
}

export interface UrlEndpoint {
  kind: 'url'
  name: string
  origin: string
  url: URL
  secure: boolean
  serverCertificate: string | undefined
  certificateAuthority: string | undefined
  clientCertificate: ClientCertificate | undefined
  token: BearerToken | undefined
  proxy: URL | undefined
  /** Whether a proxy variable is set that must not be used for this server. */
  bypassesProxy: boolean
}

/** How a server identifies this client. */
export function identityOf(endpoint: Endpoint): Identity {
  if (endpoint.kind === 'socket') return { kind: 'socket' }
  if (endpoint.clientCertificate !== undefined)
    return { kind: 'certificate', certificate: endpoint.clientCertificate.cert }
  return { kind: endpoint.token === undefined ? 'stranger' : 'token' }
}

/** One endpoint for each address. @throws ArgumentError */
export function toEndpoints(options: TransportOptions): [SocketEndpoint] | [UrlEndpoint, ...UrlEndpoint[]] {
  return hasSeveral(options) ? toMembers(options) : toOnly(toEndpoint(options))
}

function toOnly(endpoint: Endpoint): [SocketEndpoint] | [UrlEndpoint] {
  return endpoint.kind === 'socket' ? [endpoint] : [endpoint]
}

function hasSeveral(options: TransportOptions): options is ClusterTransportOptions {
  return Array.isArray(options.url)
}

/** In errors each has the name of the whole and its own address. */
function toMembers({ url: urls, ...shared }: ClusterTransportOptions): [UrlEndpoint, ...UrlEndpoint[]] {
  const [first, ...others] = [...new Set(urls)].map((url) => toUrlEndpoint({ ...shared, url }))
  if (first === undefined) throw new ArgumentError('url', 'Cannot connect: "url" is an empty list')
  const origins = new Set([first.origin])
  const distinct = others.filter(({ origin }) => !origins.has(origin) && origins.add(origin))
  if (distinct.length === 0) return [first]
  const members = [first, ...distinct]
  for (const { secure, origin } of members) {
    if (secure) continue
    throw new ArgumentError(
      'url',
      `Cannot connect to "${shared.name ?? first.name}" through "${origin}": of several addresses each must be https, since only its certificate shows that it is the same server`,
    )
  }
  const named = (member: UrlEndpoint): UrlEndpoint =>
    shared.name === undefined ? member : { ...member, name: `${shared.name} (${member.origin})` }
  return [named(first), ...distinct.map(named)]
}

/** @throws ArgumentError */
export function toEndpoint(options: OneAddressOptions): Endpoint {
  if (options.socket !== undefined && options.url !== undefined) {
    throw new ArgumentError('url', 'Cannot connect: both "url" and "socket" are given; give one of them')
  }
  if (options.socket !== undefined) {
    if (options.socket === '') throw new ArgumentError('socket', 'Cannot connect: "socket" is empty')
    return {
      kind: 'socket',
      name: options.name ?? options.socket,
      origin: 'http://unix.socket',
      socket: options.socket,
    }
  }
  if (typeof options.url !== 'string') {
    throw new ArgumentError('url', 'Cannot connect: neither "url" nor "socket" is given')
  }
  return toUrlEndpoint(options)
}

function toUrlEndpoint(options: UrlTransportOptions): UrlEndpoint {
  const url = parseUrl(options.url)
  const secure = url.protocol === 'https:'
  if (!secure) refuseSecretsInTheClear(url, options)
  const { proxy, bypasses } = chooseProxy(url, options.proxy, options.environment ?? processEnvironment())
  return {
    kind: 'url',
    name: options.name ?? url.origin,
    origin: url.origin,
    url,
    secure,
    serverCertificate: options.serverCertificate,
    certificateAuthority: options.certificateAuthority,
    clientCertificate: options.clientCertificate,
    token: options.token,
    proxy,
    bypassesProxy: bypasses,
  }
}

function parseUrl(text: string): URL {
  let url: URL
  try {
    url = new URL(text)
  } catch (cause) {
    throw new ArgumentError(
      'url',
      `Cannot connect to "${text}": it is not a URL; write "https://HOST:8443"`,
      { cause },
    )
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw new ArgumentError(
      'url',
      `Cannot connect to "${text}": scheme "${url.protocol}" is not "https:" or "http:"`,
    )
  }
  if (url.username !== '' || url.password !== '') {
    throw new ArgumentError(
      'url',
      `Cannot connect to "${url.host}": the URL contains a user name or password; use "token" or a client certificate`,
    )
  }
  if ((url.pathname !== '/' && url.pathname !== '') || url.search !== '' || url.hash !== '') {
    throw new ArgumentError(
      'url',
      `Cannot connect to "${text}": the URL has a path; the API starts at "${url.origin}"`,
    )
  }
  // The URL parser drops ":443" from https URLs, so the text itself has to say whether a port was given.
  if (url.protocol === 'https:' && url.port === '' && !/:443\/?$/.test(text.trim())) url.port = '8443'
  return url
}

function refuseSecretsInTheClear(url: URL, options: UrlTransportOptions): void {
  for (const argument of ['serverCertificate', 'certificateAuthority', 'clientCertificate'] as const) {
    if (options[argument] !== undefined) {
      throw new ArgumentError(
        argument,
        `Cannot connect to "${url.origin}": "${argument}" needs TLS; write "https:" in the URL`,
      )
    }
  }
  if (options.token !== undefined && !isLoopback(url.hostname)) {
    throw new ArgumentError(
      'token',
      `Cannot connect to "${url.origin}": the token would cross the network unencrypted; write "https:" in the URL`,
    )
  }
}
