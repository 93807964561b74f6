import * as v from 'valibot'
import { ArgumentError, ServerError } from '../errors/errors.ts'
import type { CallOptions } from '../http/call.ts'
import type { Connection } from '../http/connection.ts'
import { requireExtension } from '../http/require-extension.ts'
import { readTokenClaims } from '../tokens/read-token-claims.ts'
import { otherTokens } from './other-tokens.ts'

/** Options of `certificates.createBearerToken`. */
export interface CreateBearerTokenOptions extends CallOptions {
  /** Groups whose permissions the identity has. @default none: it may do nothing yet */
  groups?: readonly string[] | undefined
  /**
   * After how long the token ends: numbers with `S`, `M`, `H`, `d`, `w`, `m` (months) or `y`, each unit once, as `30d` or `1d 12H`.
   *
   * @default the server's: 10 years
   */
  expiry?: string | undefined
}

/** What `certificates.createBearerToken` gives. */
export interface IssuedBearerToken {
  /** For `token` of `connect()`, and of a server in a manifest. The server shows it this once. */
  token: string
  /** When it ends; undefined if it does not say. */
  expiresAt: Date | undefined
}

/**
 * A new identity of LXD and the bearer token by which a client without a certificate is taken for it; needs `auth_bearer`. An
 * identity that got no token is removed again.
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
    // Its name would be taken at the next try. Where that fails too, the next try says so.
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

/** LXD refuses a wrong one only after the identity is made. */
function checkExpiry(expiry: string): void {
  const parts = expiry.split(' ')
  const units = parts.map((part) => /^\d+([SMHdwmy])$/.exec(part)?.[1])
  const areGood = !units.includes(undefined) && new Set(units).size === units.length
  if (areGood && parts.some((part) => Number.parseInt(part, 10) > 0)) return
  throw new ArgumentError(
    'expiry',
    `Cannot create a bearer token that ends after "${expiry}": write numbers with S, M, H, d, w, m (months) or y, each unit once: "30d", "1d 12H"`,
  )
}

function explainTaken(error: unknown, name: string): unknown {
  if (!(error instanceof ServerError) || error.code !== 'already-exists') return error
  const { message, status, errorCode, serverMessage, request, server } = error
  return new ServerError(
    'already-exists',
    `${message}; give another name, or have lxc issue a new token, which ends the one before it: "lxc auth identity token issue bearer/${name}"`,
    { server, status, errorCode, serverMessage, request, cause: error },
  )
}
