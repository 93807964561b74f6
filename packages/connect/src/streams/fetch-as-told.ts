import type { Transport } from '@hyperkit/core'
import { processEnvironment } from '../configuration/read-client-configuration.ts'
import { chooseProxy, namesProxy } from '../transport/choose-proxy.ts'
import { createTransport } from '../transport/create-transport.ts'
import type { Environment } from '../transport/transport-options.ts'

const mostRedirects = 10

/**
 * How a web server is asked that is no server of images with the API: a simplestreams server without a pin, one that files are
 * downloaded from, one that reports are sent to. By the runtime's own `fetch`, unless the environment names a proxy: then as that says.
 * Of the runtimes Node's `fetch` knows of no proxy, and Bun's and Deno's send loopback through it too.
 *
 * Redirects of `GET` and `HEAD` are followed, but for those from https to http; with `redirect: 'manual'` none is, and of other
 * methods never.
 *
 * @returns undefined for the runtime's own
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
  // What is no address of the web is refused by whoever asks.
  if (!URL.canParse(url) || !mayHaveProxy(new URL(url), environment)) return undefined
  const transports = new Map<string, Promise<Transport>>()
  const transportTo = ({ protocol, host, hostname, port }: URL): Promise<Transport> => {
    // Transports are made for the API, whose port is another one where none is written.
    const origin = protocol === 'https:' ? `https://${hostname}:${port || 443}` : `http://${host}`
    const known = transports.get(origin) ?? createTransport({ url: origin, name: hostname, environment })
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
        throw new Error(`unexpected redirect: from ${url} to ${next}, without end or to nowhere`)
      if (url.protocol === 'https:' && to.protocol !== 'https:')
        throw new Error(`unexpected redirect: to ${to}, where anybody can change it on its way`)
      url = to
    }
  }
}

/** Plain http is often redirected to https, for which other variables stand. */
function mayHaveProxy(url: URL, environment: Environment): boolean {
  if (!isOfWeb(url)) return false
  const { proxy, bypasses } = chooseProxy(url, undefined, environment)
  return proxy !== undefined || bypasses || namesProxy('https:', environment)
}

function isOfWeb({ protocol }: URL): boolean {
  return protocol === 'https:' || protocol === 'http:'
}
