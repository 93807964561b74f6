import { fetchTransport, type Transport, UnsupportedError } from '@hyperkit/core'
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
    throw refusal(
      endpoint.name,
      'fetch on an edge worker shows no client certificate',
      'use "token", such as createTokenSource() of @hyperkit/core makes of the certificate',
    )
  }
  if (endpoint.serverCertificate !== undefined || endpoint.certificateAuthority !== undefined) {
    throw refusal(
      endpoint.name,
      'fetch on an edge worker cannot pin a certificate: it trusts what its platform trusts, and tells nothing of it',
      'give the server a certificate of a public authority, or have your own workerd trust it in its configuration',
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
