import * as v from 'valibot'
import { ArgumentError, ServerError } from '../errors/errors.ts'
import type { CallOptions } from '../http/call.ts'
import type { Connection } from '../http/connection.ts'
import { requireExtension } from '../http/require-extension.ts'
import { readTokenClaims } from '../tokens/read-token-claims.ts'
import { otherTokens } from './other-tokens.ts'

/** Options of `certificates.createBearerToken`. */
export interface CreateBearerTokenOptions extends CallOptions {
  /** Groups whose permissions the identity gets. @default none: it may do nothing yet */
  groups?: readonly string[] | undefined
  /**
   * How long the token is valid: numbers with `S`, `M`, `H`, `d`, `w`, `m` (months) or `y`, each unit once, such as `30d` or `1d 12H`.
   *
   * @default the server's: 10 years
   */
  expiry?: string | undefined
}

/** The result of `certificates.createBearerToken`. */
export interface IssuedBearerToken {
  /** For `token` of `connect()`, and of a server in a manifest. The server shows it only once. */
  token: string
  /** When the token expires; undefined if it does not say. */
  expiresAt: Date | undefined
}

/**
 * Creates an identity of LXD and a bearer token with which a client without a certificate acts as that identity; needs
 * `auth_bearer`. If no token can be issued, the identity is removed again.
 */
export async function createBearerToken(
  connection: Connection,
  name: string,
  options: CreateBearerTokenOptions = {},
): Promise<IssuedBearerToken> {
  const { groups = [], expiry, ...call } = options
  if (expiry !== undefined) checkExpiry(expiry)
  const action = `create a bearer token for "${name}"`
  await requireExtension(connection, 'auth_bearer', action, call, otherTokens)
  const path = '/1.0/auth/identities/bearer'
  const identity = `${path}/${encodeURIComponent(name)}`
  const json = { name, type: 'Client token bearer', groups }
  await connection.ask({ method: 'POST', path, json, action, ...call }).catch((error: unknown) => {
    throw explainTaken(error, name)
  })
  try {
    const { value } = await connection.read(v.looseObject({ token: v.string() }), {
      method: 'POST',
      path: `${identity}/token`,
      json: expiry === undefined ? {} : { expiry },
      action,
      ...call,
    })
    const exp = readTokenClaims(value.token)?.exp
    return { token: value.token, expiresAt: exp === undefined ? undefined : new Date(exp * 1000) }
  } catch (error) {
    // The name would be taken at the next try. If the removal fails too, the next try says so.
    const signal = AbortSignal.timeout(5_000)
    const removal = {
      method: 'DELETE',
      path: identity,
      action: `remove the identity "${name}"`,
      signal,
    } as const
    await connection.ask(removal).catch(() => undefined)
    throw error
  }
}

/** LXD refuses a wrong expiry only after it has created the identity. */
function checkExpiry(expiry: string): void {
  const parts = expiry.split(' ')
  const units = parts.map((part) => /^\d+([SMHdwmy])$/.exec(part)?.[1])
  const areGood = !units.includes(undefined) && new Set(units).size === units.length
  if (areGood && parts.some((part) => Number.parseInt(part, 10) > 0)) return
  throw new ArgumentError(
    'expiry',
    `Cannot create a bearer token with expiry "${expiry}": give numbers with the units S, M, H, d, w, m (months) or y, each unit once, such as "30d" or "1d 12H"`,
  )
}

function explainTaken(error: unknown, name: string): unknown {
  if (!(error instanceof ServerError) || error.code !== 'already-exists') return error
  const { message, status, errorCode, serverMessage, request, server } = error
  return new ServerError(
    'already-exists',
    `${message}; choose another name, or have lxc issue a new token, which revokes the previous one: "lxc auth identity token issue bearer/${name}"`,
    { server, status, errorCode, serverMessage, request, cause: error },
  )
}
