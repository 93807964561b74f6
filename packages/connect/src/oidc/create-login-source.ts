import type { UrlTransportOptions } from '../transport/transport-options.ts'
import { endOf, type LoginPlace, loginFailure, readLogin } from './read-login.ts'

// A token that ends while its request is on the way would be refused.
const leeway = 10_000

/**
 * What a transport takes as `token`: the access token of a remote's OIDC login, read before each request, since the user's
 * client renews it too; and renewed, once for all who ask meanwhile, when it has expired or the server refused it.
 *
 * @param servers the remote's addresses, without the token
 * @returns throws HyperkitError `invalid-configuration` where the user has to log in; `unreachable`; `file-unwritable`
 */
export function createLoginSource(
  place: LoginPlace,
  servers: readonly UrlTransportOptions[],
): (refused?: string) => Promise<string> {
  let reading: Promise<string> | undefined
  // Of two who renew with one refresh token, a provider takes the second for a thief.
  return async (refused) => {
    const others = await reading
    if (others !== undefined && others !== refused) return others
    reading ??= readOrRenew(place, servers, refused).finally(() => {
      reading = undefined
    })
    return reading
  }
}

async function readOrRenew(
  place: LoginPlace,
  servers: readonly UrlTransportOptions[],
  refused: string | undefined,
): Promise<string> {
  const login = await readLogin(place)
  const left = login.expiresAt - Date.now()
  if (left > leeway && login.accessToken !== refused) return login.accessToken
  if (login.refreshToken !== undefined) {
    const { renewLogin } = await import('./renew-login.ts')
    return renewLogin(place, login, servers)
  }
  if (left > 0) return login.accessToken
  throw loginFailure(place, `${endOf(login)}, and the provider gave none to renew it with`)
}
