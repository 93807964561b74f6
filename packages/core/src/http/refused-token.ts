import { UnsupportedError } from '../errors/errors.ts'
import { HyperkitError } from '../errors/hyperkit-error.ts'
import type { ServerInfo } from '../model/server-info.ts'
import { shortFingerprint } from '../model/short-fingerprint.ts'
import { supports } from '../model/supports.ts'
import { isOfCertificate, readTokenClaims, type TokenClaims } from '../tokens/read-token-claims.ts'

export interface TokenFacts {
  token: string
  /** Milliseconds since 1970. */
  now: number
  /** The server's own clock, in milliseconds since 1970; NaN if it did not send the time. */
  serverTime: number
}

/** Why a server treats a client with a token as a stranger, as far as the client can find out: the server does not say. */
export function refusedToken(server: string, info: ServerInfo, facts: TokenFacts): HyperkitError {
  const { kind } = info.dialect
  const claims = readTokenClaims(facts.token)
  const ofCertificate = isOfCertificate(claims)
  const wanted = kind === 'lxd' ? 'auth_bearer' : 'auth_tls_jwt'
  const takesOthers = !ofCertificate && supports(info, 'oidc') !== false
  if (supports(info, wanted) === false && !takesOthers) {
    return new UnsupportedError(
      `Cannot authenticate to "${server}": this ${kind === 'lxd' ? 'LXD' : 'Incus'} lacks the API extension "${wanted}", so it accepts no such token; use a client certificate, on a runtime that can present one`,
      { server, extension: wanted },
    )
  }
  if (kind === 'lxd' && ofCertificate) {
    return new UnsupportedError(
      `Cannot authenticate to "${server}": LXD accepts no token that a client minted; use one that LXD issues: "lxc auth identity token issue bearer/NAME"`,
      { server },
    )
  }
  const reason =
    untimely(claims, facts) ?? (ofCertificate ? untrustedCertificate(claims) : strange(claims, kind))
  return new HyperkitError(
    'not-authorized',
    `Cannot authenticate to "${server}": it does not accept the token: ${reason}`,
    { server },
  )
}

/** Why a token is not valid now by the server's clock; undefined if it is. */
export function untimely(
  { exp = Number.POSITIVE_INFINITY, nbf = Number.NEGATIVE_INFINITY }: Partial<TokenClaims> = {},
  { now, serverTime }: Omit<TokenFacts, 'token'>,
): string | undefined {
  const there = Number.isNaN(serverTime) ? now : serverTime
  const late = there >= exp * 1000
  if (!late && there >= nbf * 1000) return undefined
  const which = late ? `expired at ${sayTime(exp)}` : `is not valid before ${sayTime(nbf)}`
  const offBy = Math.round(Math.abs(there - now) / 1000)
  return offBy < 5
    ? `it ${which}; ask for a new one`
    : `it ${which}, and the clocks differ by ${offBy} seconds: ${sayTime(now / 1000)} here, ${sayTime(there / 1000)} there; correct the one that is wrong`
}

export function untrustedCertificate(claims: TokenClaims | undefined): string {
  return `its certificate ${shortFingerprint(claims?.sub ?? '')} is not in the server's trust store; "incus config trust add-certificate FILE" on the server adds it`
}

/** For a server without OIDC; one with OIDC answers 401 instead, see refused-login.ts. */
function strange(claims: TokenClaims | undefined, kind: 'lxd' | 'incus'): string {
  return claims?.iss !== undefined && kind === 'incus'
    ? `${JSON.stringify(claims.iss)} issued it, and this server accepts no OIDC logins: its "oidc.issuer" and "oidc.client.id" are not set; set them, or use a token of a trusted certificate`
    : 'it may be revoked, or issued by another server; ask for a new one'
}

function sayTime(seconds: number): string {
  const date = new Date(seconds * 1000)
  return Number.isNaN(date.getTime()) ? `${seconds} s` : date.toISOString()
}
