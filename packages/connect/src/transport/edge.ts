import { fetchTransport, type Transport, UnsupportedError } from '@hyperkit/core'
import type { Endpoint } from './endpoint.ts'

/**
 * A transport over the platform's own fetch, for edge workers.
 *
 * @param others of several addresses
 * @throws UnsupportedError for a unix socket, a client certificate, a pinned certificate or several addresses, which no worker supports
 */
export function createEdgeTransport(endpoint: Endpoint, others: readonly Endpoint[] = []): Transport {
  if (others.length > 0) {
    throw refusal(
      endpoint.name,
      'fetch on an edge worker shows no certificate, so it cannot be seen if several addresses are those of one cluster',
      'give one "url", such as that of a load balancer',
    )
  }
  if (endpoint.kind === 'socket') {
    throw refusal(
      endpoint.name,
      'an edge worker cannot open unix sockets',
      'give the "url" of a server that listens on HTTPS',
    )
  }
  if (endpoint.clientCertificate !== undefined) {
    throw refusal(
      endpoint.name,
      'fetch on an edge worker cannot present a client certificate',
      'use "token"; createTokenSource() of @hyperkit/core makes one from the certificate',
    )
  }
  if (endpoint.serverCertificate !== undefined || endpoint.certificateAuthority !== undefined) {
    throw refusal(
      endpoint.name,
      'fetch on an edge worker cannot pin a certificate, since its platform decides which servers are trusted',
      'give the server a certificate of a public authority, or configure your own workerd to trust it',
    )
  }
  return fetchTransport(endpoint.origin, {
    name: endpoint.name,
    redirect: 'manual',
    token: endpoint.token,
  })
}

function refusal(name: string, reason: string, wayOut: string): UnsupportedError {
  return new UnsupportedError(`Cannot connect to "${name}" from here: ${reason}; ${wayOut}`, { server: name })
}
