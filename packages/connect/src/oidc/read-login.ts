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
  /** Who issued the access token. */
  issuer: string | undefined
  /** In milliseconds since 1970; infinite where the access token does not say. */
  expiresAt: number
  /** All that stands in the file. */
  content: Readonly<Record<string, unknown>>
}

// Go writes an empty text, too, where there is none.
const schema = v.looseObject({ access_token: v.optional(v.string()), refresh_token: v.optional(v.string()) })

/**
 * Reads the login, as `incus` and `lxc` write it.
 *
 * @throws HyperkitError `invalid-configuration`, also when there is none
 */
export async function readLogin(place: LoginPlace): Promise<Login> {
  const { path } = place
  const text = await readText(path)
  if (text === undefined) throw loginFailure(place, `there is no OIDC token "${path}"`)
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw loginFailure(place, `"${path}" is not JSON`, { cause })
  }
  const read = v.safeParse(schema, json)
  if (!read.success || !read.output.access_token) throw loginFailure(place, `"${path}" holds no access token`)
  const { access_token: accessToken, refresh_token: refreshToken = '', ...others } = read.output
  const claims = readTokenClaims(accessToken)
  // Not the file's own `expiry`: after a login, Incus 6.0.4 writes the moment of that login there (client/incus_oidc.go takes
  // seconds for nanoseconds), and looks at it as little.
  const expiresAt = claims?.exp === undefined ? Number.POSITIVE_INFINITY : claims.exp * 1000
  return {
    accessToken,
    refreshToken: refreshToken === '' ? undefined : refreshToken,
    issuer: claims?.iss,
    expiresAt,
    content: { access_token: accessToken, refresh_token: refreshToken, ...others },
  }
}

/** Why it has to be renewed, as the beginning of a sentence. */
export function endOf({ expiresAt }: Login): string {
  return expiresAt <= Date.now()
    ? `the OIDC token expired at ${new Date(expiresAt).toISOString()}`
    : 'the server takes the OIDC token no longer'
}

/** The client itself always knows the way out: it renews what it can, else it opens the browser. */
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
