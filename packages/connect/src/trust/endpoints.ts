import { ArgumentError, type Client } from '@hyperkit/core'
import type { toEndpoints, UrlEndpoint } from '../transport/endpoint.ts'

type Endpoints = ReturnType<typeof toEndpoints>

// Enrolment has to know how a client reaches its server, which the client of core does not reveal, since it may hold a private key.
// Each entry belongs to one client and lives as long as that, so clients cannot affect each other.
const endpoints = new WeakMap<Client<boolean>, Endpoints>()

export function rememberEndpoints(client: Client<boolean>, known: Endpoints): void {
  endpoints.set(client, known)
}

/** How a client reaches its server at each of its addresses; undefined if `connect()` did not make it. */
export function knownEndpoints(client: Client<boolean>): Endpoints | undefined {
  return endpoints.get(client)
}

/** @throws ArgumentError a client that `connect()` did not make, or over a unix socket */
export function endpointsOf(client: Client<boolean>): [UrlEndpoint, ...UrlEndpoint[]] {
  const [endpoint, ...others] = endpoints.get(client) ?? []
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
  return [endpoint, ...others]
}
