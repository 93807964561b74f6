import { isHyperkitError } from '@hyperkit/core'
import { messageOf } from '@hyperkit/core/parts'
import { replaceFile } from '@hyperkit/files/parts'
import type { UrlTransportOptions } from '../transport/transport-options.ts'
import { findProvider } from './find-provider.ts'
import { endOf, type Login, type LoginPlace, loginFailure, readLogin } from './read-login.ts'
import { type Granted, RefusedGrantError, refreshTokens } from './refresh-tokens.ts'

/**
 * Renews a login with its refresh token, as `incus` and `lxc` do when a server answers 401, and writes it to the file that they read.
 *
 * @returns the access token to send
 */
export async function renewLogin(
  place: LoginPlace,
  login: Login,
  servers: readonly UrlTransportOptions[],
): Promise<string> {
  const provider = await findProvider(place, login, servers)
  // The server still accepts the token, and its clock decides.
  if (provider === undefined) return login.accessToken
  const { refreshToken = '' } = login
  const environment = servers[0]?.environment
  let granted: Granted | undefined
  try {
    // Many providers accept a refresh token once only, so the file is opened first: the next token must not be lost.
    const renew = async (): Promise<string> => {
      granted = await refreshTokens(place, { ...provider, refreshToken, environment, end: endOf(login) })
      return JSON.stringify(merge(login, granted))
    }
    await replaceFile(place.path, renew, { mode: 0o600 })
  } catch (cause) {
    if (cause instanceof RefusedGrantError) return renewedElsewhere(place, login, cause)
    if (isHyperkitError(cause) && cause.code !== 'file-unwritable') throw cause
    const what =
      granted === undefined
        ? `${endOf(login)}, and a new one could not be saved`
        : 'the OIDC token was renewed, but could not be saved'
    throw loginFailure(place, `${what}: ${messageOf(cause)}`, {
      code: 'file-unwritable',
      cause,
    })
  }
  return (granted as Granted).accessToken
}

/** The content of the file with the new tokens. What is not renewed stays, for example `IDToken`. */
function merge({ content }: Login, granted: Granted): Record<string, unknown> {
  return {
    ...content,
    access_token: granted.accessToken,
    token_type: 'Bearer',
    ...(granted.refreshToken === undefined ? {} : { refresh_token: granted.refreshToken }),
    // Go writes this if the time is unknown.
    expiry: granted.expiresAt?.toISOString() ?? '0001-01-01T00:00:00Z',
  }
}

/** Another program, for example `incus`, may have used the refresh token first. Then the file has the new login. */
async function renewedElsewhere(
  place: LoginPlace,
  before: Login,
  refusal: RefusedGrantError,
): Promise<string> {
  const now = await readLogin(place)
  if (now.accessToken !== before.accessToken && now.expiresAt > Date.now()) return now.accessToken
  throw loginFailure(place, `${endOf(before)}, and ${refusal.message}`, { cause: refusal })
}
