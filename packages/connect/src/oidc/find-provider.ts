import { discardBody } from '@hyperkit/core/parts'
import { createTransport } from '../transport/create-transport.ts'
import type { UrlTransportOptions } from '../transport/transport-options.ts'
import { endOf, type Login, type LoginPlace, loginFailure } from './read-login.ts'

/** The OIDC provider that issues tokens for a server, and the client id to use there. */
export interface Provider {
  issuer: string
  clientId: string
}

/**
 * Finds the provider that renews a login. Servers name it when they refuse a token; `incus` and `lxc` rely on that too.
 *
 * @param servers addresses of one server, in the order to try
 * @returns undefined if the server does not refuse the token
 */
export async function findProvider(
  place: LoginPlace,
  login: Login,
  servers: readonly UrlTransportOptions[],
): Promise<Provider | undefined> {
  const { status, headers } = await firstAnswer(login.accessToken, servers)
  if (status !== 401) return undefined
  const read = (name: string): string =>
    headers.get(`X-Incus-OIDC-${name}`) ?? headers.get(`X-LXD-OIDC-${name}`) ?? ''
  const [issuer, clientId] = [read('issuer'), read('clientid')]
  if (issuer === '' || clientId === '')
    throw loginFailure(place, `${endOf(login)}, and the server names no provider that could renew it`)
  // The refresh token is sent only to the provider that issued it, whatever the server says.
  if (issuer !== login.issuer) {
    const known = login.issuer === undefined ? 'an unknown provider' : JSON.stringify(login.issuer)
    throw loginFailure(
      place,
      `${endOf(login)}; it was issued by ${known}, and the server now accepts tokens of ${JSON.stringify(issuer)} only`,
    )
  }
  return { issuer, clientId }
}

async function firstAnswer(token: string, servers: readonly UrlTransportOptions[]): Promise<Response> {
  let failure: unknown
  for (const server of servers) {
    const transport = await createTransport({ ...server, token })
    try {
      const answer = await transport.fetch(`${transport.origin}/1.0`, {
        redirect: transport.redirect ?? 'error',
        signal: AbortSignal.timeout(5_000),
      })
      await discardBody(answer)
      return answer
    } catch (error) {
      failure = error
    } finally {
      transport.close()
    }
  }
  throw failure
}
