import { UnsupportedError } from '../errors/errors.ts'
import { HyperkitError } from '../errors/hyperkit-error.ts'
import type { ServerInfo } from '../model/server-info.ts'
import { supports } from '../model/supports.ts'
import { isOfCertificate, readTokenClaims, type TokenClaims } from '../tokens/read-token-claims.ts'

export interface TokenFacts {
  token: string
  /** Milliseconds since 1970. */
  now: number
  /** The server's own clock, in milliseconds since 1970; NaN where it told none. */
  serverTime: number
}

/** Why a server that was shown a token sees a stranger, as far as can be told from here: it says nothing itself. */
export function refusedToken(server: string, info: ServerInfo, facts: TokenFacts): HyperkitError {
  const { kind } = info.dialect
  const claims = readTokenClaims(facts.token)
  const ofCertificate = isOfCertificate(claims)
  const wanted = kind === 'lxd' ? 'auth_bearer' : 'auth_tls_jwt'
  const takesOthers = !ofCertificate && supports(info, 'oidc') !== false
  if (supports(info, wanted) === false && !takesOthers) {
    return new UnsupportedError(
      `Cannot authenticate to "${server}": this ${kind === 'lxd' ? 'LXD' : 'Incus'} lacks the API extension "${wanted}", so it takes no such token; use a client certificate, from a runtime that can show one`,
      { server, extension: wanted },
    )
  }
  if (kind === 'lxd' && ofCertificate) {
    return new UnsupportedError(
      `Cannot authenticate to "${server}": LXD takes no token that a client minted; use one that it issues: "lxc auth identity token issue bearer/NAME"`,
      { server },
    )
  }
  const reason =
    untimely(claims, facts) ?? (ofCertificate ? untrustedCertificate(claims) : strange(claims, kind))
  return new HyperkitError(
    'not-authorized',
    `Cannot authenticate to "${server}": it does not take the token: ${reason}`,
    { server },
  )
}

/** What is wrong with a token's times by the server's clock, if anything. */
export function untimely(
  { exp = Number.POSITIVE_INFINITY, nbf = Number.NEGATIVE_INFINITY }: Partial<TokenClaims> = {},
  { now, serverTime }: Omit<TokenFacts, 'token'>,
): string | undefined {
  const there = Number.isNaN(serverTime) ? now : serverTime
  const late = there >= exp * 1000
  if (!late && there >= nbf * 1000) return undefined
  const which = late ? `expired at ${sayTime(exp)}` : `is valid from ${sayTime(nbf)} on`
  const offBy = Math.round(Math.abs(there - now) / 1000)
  return offBy < 5
    ? `it ${which}; ask for a new one`
    : `it ${which}, and the clocks differ by ${offBy} seconds: ${sayTime(now / 1000)} here, ${sayTime(there / 1000)} there; set the one that is wrong`
}

export function untrustedCertificate(claims: TokenClaims | undefined): string {
  return `its certificate ${claims?.sub?.slice(0, 12)} is not in the server's trust store; "incus config trust add-certificate FILE" on the server adds it`
}

/** A server whose OIDC is set up answers 401 instead; see refused-login.ts. */
function strange(claims: TokenClaims | undefined, kind: 'lxd' | 'incus'): string {
  return claims?.iss !== undefined && kind === 'incus'
    ? `${JSON.stringify(claims.iss)} issued it, and this server takes no OIDC logins: its "oidc.issuer" and "oidc.client.id" are not set; set them, or use a token of a trusted certificate`
    : 'it may be revoked, or of another server; ask for a new one'
}

function sayTime(seconds: number): string {
  const date = new Date(seconds * 1000)
  return Number.isNaN(date.getTime()) ? `${seconds} s` : date.toISOString()
}
