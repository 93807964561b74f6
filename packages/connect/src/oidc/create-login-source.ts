import type { UrlTransportOptions } from '../transport/transport-options.ts'
import { endOf, type LoginPlace, loginFailure, readLogin } from './read-login.ts'

// A token that expires while its request is on the way would be refused.
const leeway = 10_000

/** How {@link createLoginSource} treats a login. */
export interface LoginSourceOptions {
  /** Whether a login that has expired is renewed and saved; if not, it is an error. */
  renews: boolean
}

/**
 * Makes a function for the `token` of a transport. It gives the access token of a remote's OIDC login, which it reads before each
 * request, since the user's client renews it too. It renews the token when it has expired or the server refused it; requests
 * that ask meanwhile share one renewal.
 *
 * @param servers the remote's addresses, without the token
 * @returns throws HyperkitError `invalid-configuration` if the user has to log in; `unreachable`; `file-unwritable`
 */
export function createLoginSource(
  place: LoginPlace,
  servers: readonly UrlTransportOptions[],
  { renews }: LoginSourceOptions = { renews: true },
): (refused?: string) => Promise<string> {
  let reading: Promise<string> | undefined
  // A provider that sees one refresh token twice takes it for stolen and ends the login, so there is one renewal at a time.
  return async (refused) => {
    const others = await reading
    if (others !== undefined && others !== refused) return others
    reading ??= (renews ? readOrRenew(place, servers, refused) : readOnly(place)).finally(() => {
      reading = undefined
    })
    return reading
  }
}

/** A renewal has to be saved: many providers accept a refresh token once only. */
async function readOnly(place: LoginPlace): Promise<string> {
  const login = await readLogin(place)
  if (login.expiresAt > Date.now()) return login.accessToken
  throw loginFailure(
    place,
    `${endOf(login)}, and a dry run does not renew it, since that writes "${place.path}"`,
  )
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
  throw loginFailure(place, `${endOf(login)}, and the provider issued no refresh token`)
}
