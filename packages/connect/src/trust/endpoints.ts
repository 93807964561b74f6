import { ArgumentError, type Client } from '@hyperkit/core'
import type { Endpoint, UrlEndpoint } from '../transport/endpoint.ts'

// A client tells nothing of its certificates; enrolment must know them.
const endpoints = new WeakMap<Client<boolean>, Endpoint>()

export function rememberEndpoint(client: Client<boolean>, endpoint: Endpoint): void {
  endpoints.set(client, endpoint)
}

/** @throws ArgumentError a client that `connect()` did not make, or over a unix socket */
export function endpointOf(client: Client<boolean>): UrlEndpoint {
  const endpoint = endpoints.get(client)
  if (endpoint === undefined)
    throw new ArgumentError(
      'client',
      `Cannot enrol at "${client.name}": the client was not made by connect()`,
    )
  if (endpoint.kind === 'socket' || !endpoint.secure) {
    throw new ArgumentError(
      'client',
      `Cannot enrol at "${client.name}": only an HTTPS connection has a client certificate to trust`,
    )
  }
  return endpoint
}
