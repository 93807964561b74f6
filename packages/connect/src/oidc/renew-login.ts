import { isHyperkitError } from '@hyperkit/core'
import { messageOf } from '@hyperkit/core/parts'
import { replaceFile } from '../disk/replace-file.ts'
import type { UrlTransportOptions } from '../transport/transport-options.ts'
import { findProvider } from './find-provider.ts'
import { endOf, type Login, type LoginPlace, loginFailure, readLogin } from './read-login.ts'
import { type Granted, RefusedGrantError, refreshTokens } from './refresh-tokens.ts'

/**
 * Renews a login with its refresh token, as `incus` and `lxc` do when a server answers 401, and writes it where they look for it.
 *
 * @returns the access token to show
 */
export async function renewLogin(
  place: LoginPlace,
  login: Login,
  servers: readonly UrlTransportOptions[],
): Promise<string> {
  const provider = await findProvider(place, login, servers)
  // The server takes the token still: its clock decides.
  if (provider === undefined) return login.accessToken
  const { refreshToken = '' } = login
  const environment = servers[0]?.environment
  let granted: Granted | undefined
  try {
    // Many providers take a refresh token once only: the file is opened before, lest the next one be lost.
    await replaceFile(place.path, async () => {
      granted = await refreshTokens(place, { ...provider, refreshToken, environment, end: endOf(login) })
      return JSON.stringify(merge(login, granted))
    })
  } catch (cause) {
    if (cause instanceof RefusedGrantError) return renewedElsewhere(place, login, cause)
    if (isHyperkitError(cause)) throw cause
    const what =
      granted === undefined
        ? `${endOf(login)}, and a new one could not be kept`
        : 'the new OIDC token is lost'
    throw loginFailure(place, `${what}: ${messageOf(cause)}`, {
      code: 'file-unwritable',
      cause,
    })
  }
  return (granted as Granted).accessToken
}

/** In the file as it was: what is not renewed stays, `IDToken` for instance. */
function merge({ content }: Login, granted: Granted): Record<string, unknown> {
  return {
    ...content,
    access_token: granted.accessToken,
    token_type: 'Bearer',
    ...(granted.refreshToken === undefined ? {} : { refresh_token: granted.refreshToken }),
    // What Go writes where no time is known.
    expiry: granted.expiresAt?.toISOString() ?? '0001-01-01T00:00:00Z',
  }
}

/** Somebody else, `incus` for instance, may have used the refresh token first; then the new login stands in the file. */
async function renewedElsewhere(
  place: LoginPlace,
  before: Login,
  refusal: RefusedGrantError,
): Promise<string> {
  const now = await readLogin(place)
  if (now.accessToken !== before.accessToken && now.expiresAt > Date.now()) return now.accessToken
  throw loginFailure(place, `${endOf(before)}, and ${refusal.message}`, { cause: refusal })
}
