import type { Transport } from '@hyperkit/core'
import { markTransferable, type TransportInit } from '@hyperkit/core/parts'
import { askForIdentity } from './ask-for-identity.ts'
import type { SocketEndpoint } from './endpoint.ts'
import { unrepeated } from './unrepeated.ts'

type BunFetch = (
  input: Request | string,
  init: Partial<TransportInit> & { unix: string; timeout: false; decompress: false; keepalive?: boolean },
) => Promise<Response>

/**
 * A transport over a unix socket by Bun's own fetch. It is separate from the transport for URLs, and loads node:http for messages
 * only, since those modules take longer to load than a small command runs.
 */
export function createBunSocketTransport(endpoint: SocketEndpoint): Transport {
  const fetch = globalThis.fetch as unknown as BunFetch
  let below: Promise<Transport> | undefined
  return {
    origin: endpoint.origin,
    name: endpoint.name,
    identity: { kind: 'socket' },
    // Bun ends a silent request after 360 s unless `timeout` is false.
    async fetch(input, init) {
      const headers = new Headers(init?.headers ?? (typeof input === 'string' ? undefined : input.headers))
      askForIdentity(headers)
      const response = await fetch(input, {
        ...init,
        headers,
        unix: endpoint.socket,
        timeout: false,
        decompress: false,
        ...unrepeated(input, init),
      })
      if (response.body) markTransferable(response.body)
      return response
    },
    async openMessages(path, options) {
      below ??= import('./node.ts').then(({ createNodeTransport }) => createNodeTransport(endpoint))
      const { openMessages } = await below
      if (openMessages === undefined)
        throw new TypeError('the transport over node:http cannot open WebSockets')
      return openMessages(path, options)
    },
    close() {
      below?.then((transport) => transport.close?.()).catch(() => undefined)
    },
  }
}
