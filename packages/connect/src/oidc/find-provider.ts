import { createTransport } from '../transport/create-transport.ts'
import type { UrlTransportOptions } from '../transport/transport-options.ts'
import { endOf, type Login, type LoginPlace, loginFailure } from './read-login.ts'

/** Who issues tokens for a server, and as which client of it this one asks. */
export interface Provider {
  issuer: string
  clientId: string
}

/**
 * Who renews a login: servers tell it when they refuse a token, as `incus` and `lxc` expect.
 *
 * @param servers addresses of one server, in the order to try
 * @returns undefined where the server does not refuse the token
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
    throw loginFailure(place, `${endOf(login)}, and the server names no provider to renew it`)
  // The refresh token goes to him only who gave it, whatever the server says.
  if (issuer !== login.issuer)
    throw loginFailure(
      place,
      `${endOf(login)}; ${JSON.stringify(login.issuer ?? 'nobody')} issued it, and the server takes those of ${JSON.stringify(issuer)} now`,
    )
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
      await answer.body?.cancel()
      return answer
    } catch (error) {
      failure = error
    } finally {
      transport.close?.()
    }
  }
  throw failure
}
