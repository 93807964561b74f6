import { ArgumentError, type Client } from '@hyperkit/core'
import type { Endpoint, UrlEndpoint } from '../transport/endpoint.ts'

// Enrolment has to know how a client reaches its server, which the client of core does not reveal, since it may hold a private key.
// Each entry belongs to one client and lives as long as that, so clients cannot affect each other.
const endpoints = new WeakMap<Client<boolean>, Endpoint>()

export function rememberEndpoint(client: Client<boolean>, endpoint: Endpoint): void {
  endpoints.set(client, endpoint)
}

/** How a client reaches its server; undefined if `connect()` did not make it. */
export function knownEndpoint(client: Client<boolean>): Endpoint | undefined {
  return endpoints.get(client)
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
