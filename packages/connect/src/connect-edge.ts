import { type Client, createClient, UnsupportedError } from '@hyperkit/core'
import type { ConnectOptions } from './connect.ts'
import { createEdgeTransport } from './transport/edge.ts'
import { toEndpoints } from './transport/endpoint.ts'
import { type OpenTransport, toOpenTransport } from './transport/open-transport.ts'
import type { TransportOptions } from './transport/transport-options.ts'
import { rememberEndpoints } from './trust/endpoints.ts'

// Bundlers for workers take this file instead of connect.ts and create-transport.ts: the same functions without any Node module,
// which such a bundle could not resolve.

/** `connect` for an edge worker: reaches a server by its `url`, with a `token` or as a stranger. */
export async function connect<Auto extends boolean = true>(
  target: string | ConnectOptions<Auto> = {},
): Promise<Client<Auto>> {
  const options: ConnectOptions<Auto> = typeof target === 'string' ? { remote: target } : target
  const { project, autoSync, answerTimeout, maxDocument, wrapTransport, ...where } = options
  if (where.url === undefined && where.socket === undefined) {
    throw new UnsupportedError(
      'Cannot connect to a remote: an edge worker has no client configuration; give "url"',
    )
  }
  const endpoints = toEndpoints(where as TransportOptions)
  const [endpoint, ...others] = endpoints
  const transport = createEdgeTransport(endpoint, others)
  const client = createClient<Auto>({
    transport: wrapTransport?.(transport) ?? transport,
    project,
    autoSync,
    answerTimeout,
    maxDocument,
  })
  rememberEndpoints(client, endpoints)
  return client
}

/** `createTransport` for an edge worker. */
export async function createTransport(options: TransportOptions): Promise<OpenTransport> {
  const [endpoint, ...others] = toEndpoints(options)
  return toOpenTransport(createEdgeTransport(endpoint, others))
}
