import type { SimplestreamsOptions, Transport } from '@hyperkit/core'
import { processEnvironment } from '../configuration/read-client-configuration.ts'
import { chooseProxy } from '../transport/choose-proxy.ts'
import { createUnrecorded } from '../transport/create-transport.ts'
import type { Environment } from '../transport/transport-options.ts'

const mostRedirects = 10

/**
 * How a simplestreams server without a pin, or another web server, is asked: by the runtime's own `fetch`, but where the
 * environment names a proxy as that says. Of the runtimes Node's `fetch` knows of no proxy, and Bun's and Deno's send loopback
 * through it too.
 *
 * @returns undefined for the runtime's own
 */
export function fetchAsTold(
  url: string,
  environment: Environment = processEnvironment(),
): SimplestreamsOptions['fetch'] {
  // What is no https address is refused by whoever asks.
  if (!/^https:/i.test(url) || !URL.canParse(url)) return undefined
  const { proxy, bypasses } = chooseProxy(new URL(url), undefined, environment)
  if (proxy === undefined && !bypasses) return undefined
  const transports = new Map<string, Promise<Transport>>()
  const transportTo = ({ hostname, port }: URL): Promise<Transport> => {
    const origin = `https://${hostname}:${port || 443}`
    const known = transports.get(origin) ?? createUnrecorded({ url: origin, name: hostname, environment })
    transports.set(origin, known)
    return known
  }
  return async (input, { method, headers, signal }) => {
    let url = new URL(input)
    for (let redirects = 0; ; redirects++) {
      const transport = await transportTo(url)
      const answer = await transport.fetch(url.href, {
        method: method === 'HEAD' ? 'HEAD' : 'GET',
        headers: new Headers(headers),
        redirect: 'manual',
        ...(signal ? { signal } : {}),
      })
      const next = answer.headers.get('location')
      if (![301, 302, 303, 307, 308].includes(answer.status) || next === null) return answer
      await answer.body?.cancel().catch(() => undefined)
      if (redirects === mostRedirects || !URL.canParse(next, url))
        throw new Error(`unexpected redirect: from ${url} to ${next}, without end or to nowhere`)
      url = new URL(next, url)
      if (url.protocol !== 'https:')
        throw new Error(`unexpected redirect: to ${url}, where anybody can change it on its way`)
    }
  }
}
