import type { Transport } from '@hyperkit/core'
import { discardBody } from '@hyperkit/core/parts'
import { createWebTransport } from '../transport/create-web-transport.ts'
import type { Environment } from '../transport/transport-options.ts'

/** Options of {@link fetchFromWeb}. */
export interface FetchFromWebOptions {
  /** Environment variables that name proxies. @default those of the process */
  environment?: Environment | undefined
  /** Whether a redirect from https to http is followed. @default false */
  insecure?: boolean | undefined
  /** The certificate that each server must present. @default any that an authority of the system has signed */
  serverCertificate?: string | undefined
  /** Wraps each transport. @default no wrapper */
  wrapTransport?: ((transport: Transport) => Transport) | undefined
}

const mostRedirects = 10

/**
 * A `fetch` for web servers without the API, over this package's own transports: through the proxy of the environment, with TLS 1.3, and
 * with the bytes of an answer as they come. The runtimes' own `fetch` decompresses an answer although the client asked for a plain one, and
 * on Bun 1.4.5 a few megabytes become gigabytes.
 *
 * Redirects of `GET` and `HEAD` are followed, except from https to http. With `redirect: 'manual'`, and for other methods, none is.
 *
 * @example
 * ```ts
 * const fetch = fetchFromWeb()
 * console.log(typeof fetch)
 * ```
 */
export function fetchFromWeb({
  environment,
  insecure = false,
  serverCertificate,
  wrapTransport = (transport) => transport,
}: FetchFromWebOptions = {}): (input: string, init: RequestInit) => Promise<Response> {
  const transports = new Map<string, Promise<Transport>>()
  const transportTo = (address: URL): Promise<Transport> => {
    const { origin, hostname } = address
    const options = {
      name: hostname,
      ...(environment === undefined ? {} : { environment }),
      ...(serverCertificate === undefined ? {} : { serverCertificate }),
    }
    const known = transports.get(origin) ?? createWebTransport(address, options).then(wrapTransport)
    transports.set(origin, known)
    return known
  }
  return async (input, { method = 'GET', headers, body, signal, redirect }) => {
    const isFollowed = redirect !== 'manual' && ['GET', 'HEAD'].includes(method)
    let url = new URL(input)
    for (let redirects = 0; ; redirects++) {
      const transport = await transportTo(url)
      const answer = await transport.fetch(url.href, {
        method,
        headers: new Headers(headers),
        redirect: 'manual',
        ...(typeof body === 'string' ? { body } : {}),
        ...(signal ? { signal } : {}),
      })
      const next = answer.headers.get('location')
      if (!isFollowed || ![301, 302, 303, 307, 308].includes(answer.status) || next === null) return answer
      await discardBody(answer)
      const to = URL.canParse(next, url) ? new URL(next, url) : undefined
      if (redirects === mostRedirects || to === undefined || !isOfWeb(to))
        throw new Error(
          `unexpected redirect from ${url} to ${next}: too many redirects, or not a web address`,
        )
      if (url.protocol === 'https:' && to.protocol !== 'https:' && !insecure)
        throw new Error(
          `unexpected redirect from ${url} to ${to}: over plain http anybody on the network path can change the answer`,
        )
      url = to
    }
  }
}

/** Whether an address is one of the web. */
export function isOfWeb({ protocol }: URL): boolean {
  return protocol === 'https:' || protocol === 'http:'
}
