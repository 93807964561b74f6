import { fetchTransport, type Transport, UnsupportedError } from '@hyperkit/core'
import { authorize } from './authorize.ts'
import type { Endpoint } from './endpoint.ts'

/**
 * A transport over the platform's own fetch, for edge workers.
 *
 * @throws UnsupportedError for what no worker can do: a unix socket, a client certificate, a pinned certificate
 */
export function createEdgeTransport(endpoint: Endpoint): Transport {
  if (endpoint.kind === 'socket') {
    throw refusal(
      endpoint.name,
      'an edge worker opens no unix sockets',
      'give the "url" of a server that listens on HTTPS',
    )
  }
  if (endpoint.clientCertificate !== undefined) {
    throw refusal(endpoint.name, 'fetch on an edge worker presents no client certificate', 'use "token"')
  }
  if (endpoint.serverCertificate !== undefined || endpoint.certificateAuthority !== undefined) {
    throw refusal(
      endpoint.name,
      'fetch on an edge worker trusts public authorities only and shows no certificate',
      'give the server a certificate of a public authority',
    )
  }
  return fetchTransport(endpoint.origin, {
    name: endpoint.name,
    redirect: 'manual',
    async fetch(input, init) {
      const request = new Request(input, init)
      for (const [name, value] of Object.entries(await authorize(endpoint.token)))
        request.headers.set(name, value)
      return globalThis.fetch(request)
    },
  })
}

function refusal(name: string, reason: string, wayOut: string): UnsupportedError {
  return new UnsupportedError(`Cannot connect to "${name}" from here: ${reason}; ${wayOut}`, { server: name })
}
