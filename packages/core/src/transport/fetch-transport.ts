import { ArgumentError } from '../errors/errors.ts'
import { authorize, type BearerToken, readToken } from './bearer-token.ts'
import type { Identity } from './identity.ts'
import { isLoopback } from './is-loopback.ts'
import type { Transport, TransportInit } from './transport.ts'

/** Options of {@link fetchTransport}. */
export interface FetchTransportOptions {
  /** @default globalThis.fetch */
  fetch?: typeof globalThis.fetch
  /** The server's name in errors. @default the URL */
  name?: string
  /** Headers for each request, such as `authorization`. */
  headers?: Record<string, string>
  /**
   * Sent as `Authorization: Bearer`: a token of {@link createTokenSource} for Incus, one that LXD issued, or the access token of an OIDC
   * login. A function is called before each request. Over plain HTTP it is accepted only for this machine.
   */
  token?: BearerToken | undefined
  /** The client's identity in `fetch`. @default `token` if there is one, else `stranger` */
  identity?: Identity
  /** @default 'error'; workerd needs 'manual' */
  redirect?: 'error' | 'manual'
}

/**
 * A transport over a plain `fetch`, for example on an edge worker. It presents no client certificate and does not pin the server's.
 *
 * @example
 * ```ts
 * const client = createClient({ transport: fetchTransport('https://images.example.org:8443') })
 * ```
 */
export function fetchTransport(url: string, options: FetchTransportOptions = {}): Transport {
  const { origin, protocol, hostname } = new URL(url)
  const { token } = options
  if (token !== undefined && protocol !== 'https:' && !isLoopback(hostname)) {
    throw new ArgumentError(
      'token',
      `Cannot connect to "${origin}": the token would cross the network unencrypted; write "https:" in the URL`,
    )
  }
  const send = options.fetch ?? ((input, init) => globalThis.fetch(input, init))
  return {
    origin,
    name: options.name ?? origin,
    identity: options.identity ?? { kind: token === undefined ? 'stranger' : 'token' },
    redirect: options.redirect ?? 'error',
    decodes: true,
    async fetch(input: Request | string, init?: Partial<TransportInit>) {
      const request = new Request(input, init as RequestInit)
      const headers = { ...options.headers, ...(await authorize(token, request.headers)) }
      for (const [name, value] of Object.entries(headers)) request.headers.set(name, value)
      return isKnownToFetch(request) ? send(request) : send(request.url, initOf(request))
    },
    ...(token === undefined ? {} : { token: (refused?: string) => readToken(token, refused) }),
  }
}

/** Bundled commands have a `Request` of their own in place of the runtime's, which is all that a `fetch` has to know. */
function isKnownToFetch(request: Request): boolean {
  // Not `globalThis.Request`, which bundlers replace too.
  return request instanceof Reflect.get(globalThis, 'Request')
}

function initOf({ method, headers, body, redirect, signal }: Request): RequestInit {
  const sent = body === null ? {} : { body, duplex: 'half' }
  return { method, headers: [...headers], redirect, signal, ...sent }
}
