import type { Transport } from '@hyperkit/core'
import { chooseProxy, namesProxy } from '../transport/choose-proxy.ts'
import { createWebTransport } from '../transport/create-web-transport.ts'
import { processEnvironment } from '../transport/process-environment.ts'
import type { Environment } from '../transport/transport-options.ts'

const mostRedirects = 10

/**
 * A `fetch` for web servers without the API, through the proxy that the environment names: for a simplestreams server without a pin,
 * downloads, and reports. The runtimes' own `fetch` does not do this: that of Node supports no proxy, and those of Bun and Deno use it
 * for loopback too.
 *
 * Redirects of `GET` and `HEAD` are followed, except from https to http. With `redirect: 'manual'`, and for other methods, none is.
 *
 * @returns undefined if the environment names no proxy; then the runtime's own `fetch` can be used
 *
 * @example
 * ```ts
 * const fetch = fetchAsTold('https://files.example.org/trusty') ?? globalThis.fetch
 * console.log(typeof fetch)
 * ```
 */
export function fetchAsTold(
  url: string,
  environment: Environment = processEnvironment(),
): ((input: string, init: RequestInit) => Promise<Response>) | undefined {
  // The caller reports an invalid address.
  if (!URL.canParse(url) || !mayHaveProxy(new URL(url), environment)) return undefined
  const transports = new Map<string, Promise<Transport>>()
  const transportTo = (address: URL): Promise<Transport> => {
    const { origin, hostname } = address
    const known = transports.get(origin) ?? createWebTransport(address, { name: hostname, environment })
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
      await answer.body?.cancel().catch(() => undefined)
      const to = URL.canParse(next, url) ? new URL(next, url) : undefined
      if (redirects === mostRedirects || to === undefined || !isOfWeb(to))
        throw new Error(
          `unexpected redirect from ${url} to ${next}: too many redirects, or not a web address`,
        )
      if (url.protocol === 'https:' && to.protocol !== 'https:')
        throw new Error(
          `unexpected redirect from ${url} to ${to}: over plain http anybody on the network path can change the answer`,
        )
      url = to
    }
  }
}

/** Other variables apply to https, and plain http is often redirected to https. */
function mayHaveProxy(url: URL, environment: Environment): boolean {
  if (!isOfWeb(url)) return false
  const { proxy, bypasses } = chooseProxy(url, undefined, environment)
  return proxy !== undefined || bypasses || namesProxy('https:', environment)
}

function isOfWeb({ protocol }: URL): boolean {
  return protocol === 'https:' || protocol === 'http:'
}
