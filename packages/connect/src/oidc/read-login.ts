import { HyperkitError } from '@hyperkit/core'
import { readTokenClaims } from '@hyperkit/core/parts'
import * as v from 'valibot'
import { readText } from '../disk/read-text.ts'

/** Where the user's client keeps the OIDC login of a remote. */
export interface LoginPlace {
  remote: string
  /** The command of the user's client: `incus` or `lxc`. */
  client: string
  path: string
}

/** The OIDC login of a remote. */
export interface Login {
  accessToken: string
  refreshToken: string | undefined
  /** The provider that issued the access token. */
  issuer: string | undefined
  /** In milliseconds since 1970; infinite if the access token does not say. */
  expiresAt: number
  /** The whole content of the file. */
  content: Readonly<Record<string, unknown>>
}

// Go writes an empty text for a token that is absent.
const schema = v.looseObject({ access_token: v.optional(v.string()), refresh_token: v.optional(v.string()) })

/**
 * Reads the login, as `incus` and `lxc` write it.
 *
 * @throws HyperkitError `invalid-configuration`, also if there is no login
 */
export async function readLogin(place: LoginPlace): Promise<Login> {
  const { path } = place
  const text = await readText(path)
  if (text === undefined) throw loginFailure(place, `there is no OIDC token file "${path}"`)
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw loginFailure(place, `"${path}" is not JSON`, { cause })
  }
  const read = v.safeParse(schema, json)
  if (!read.success || !read.output.access_token)
    throw loginFailure(place, `"${path}" contains no access token`)
  const { access_token: accessToken, refresh_token: refreshToken = '', ...others } = read.output
  const claims = readTokenClaims(accessToken)
  // The file's own `expiry` is not used: after a login, Incus 6.0.4 writes the time of that login there (client/incus_oidc.go
  // mistakes seconds for nanoseconds), and does not read it either.
  const expiresAt = claims?.exp === undefined ? Number.POSITIVE_INFINITY : claims.exp * 1000
  return {
    accessToken,
    refreshToken: refreshToken === '' ? undefined : refreshToken,
    issuer: claims?.iss,
    expiresAt,
    content: { access_token: accessToken, refresh_token: refreshToken, ...others },
  }
}

/** Why a login has to be renewed, as the beginning of a sentence. */
export function endOf({ expiresAt }: Login): string {
  return expiresAt <= Date.now()
    ? `the OIDC token expired at ${new Date(expiresAt).toISOString()}`
    : 'the server no longer accepts the OIDC token'
}

/** The advice is always to use the client itself: it renews the login if it can, else it opens the browser. */
export function loginFailure(
  { remote, client }: LoginPlace,
  what: string,
  { code = 'invalid-configuration', cause }: { code?: HyperkitError['code']; cause?: unknown } = {},
): HyperkitError {
  const logIn = `log in with "${client} info ${remote}:"`
  return new HyperkitError(code, `Cannot connect to "${remote}": ${what}; ${logIn}`, {
    cause,
    server: remote,
  })
}
