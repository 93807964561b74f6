import { UnsupportedError } from '../errors/errors.ts'
import { HyperkitError } from '../errors/hyperkit-error.ts'
import type { ServerInfo } from '../model/server-info.ts'

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
  const claims = readClaims(facts.token)
  // Only tokens that the client made itself name a certificate as their subject, and nobody as their issuer.
  const ofCertificate = claims !== undefined && claims.iss === undefined && /^[0-9a-f]{64}$/.test(claims.sub)
  const wanted = kind === 'lxd' ? 'auth_bearer' : 'auth_tls_jwt'
  const takesOthers = !ofCertificate && info.apiExtensions.has('oidc')
  if (!info.apiExtensions.has(wanted) && !takesOthers) {
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
  return new HyperkitError(
    'not-authorized',
    `Cannot authenticate to "${server}": it does not take the token: ${reasonOf(claims, ofCertificate, facts)}`,
    { server },
  )
}

function reasonOf(
  claims: Claims | undefined,
  ofCertificate: boolean,
  { now, serverTime }: TokenFacts,
): string {
  const { exp = Number.POSITIVE_INFINITY, nbf = Number.NEGATIVE_INFINITY } = claims ?? {}
  const there = Number.isNaN(serverTime) ? now : serverTime
  const late = there >= exp * 1000
  if (late || there < nbf * 1000) {
    const which = late ? `expired at ${sayTime(exp)}` : `is valid from ${sayTime(nbf)} on`
    const offBy = Math.round(Math.abs(there - now) / 1000)
    return offBy < 5
      ? `it ${which}; ask for a new one`
      : `it ${which}, and the clocks differ by ${offBy} seconds: ${sayTime(now / 1000)} here, ${sayTime(there / 1000)} there; set the one that is wrong`
  }
  return ofCertificate
    ? `its certificate ${claims?.sub.slice(0, 12)} is not in the server's trust store; "incus config trust add-certificate FILE" on the server adds it`
    : 'it may be revoked, or of another server; ask for a new one'
}

interface Claims {
  sub: string
  iss?: unknown
  exp?: number
  nbf?: number
}

/** What a JWT claims, unverified; undefined for any other kind of token. */
function readClaims(token: string): Claims | undefined {
  try {
    const base64 = (token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/')
    const { sub, iss, exp, nbf } = JSON.parse(atob(base64)) as Record<string, unknown>
    return {
      sub: String(sub),
      iss,
      ...(typeof exp === 'number' ? { exp } : {}),
      ...(typeof nbf === 'number' ? { nbf } : {}),
    }
  } catch {
    return undefined
  }
}

function sayTime(seconds: number): string {
  const date = new Date(seconds * 1000)
  return Number.isNaN(date.getTime()) ? `${seconds} s` : date.toISOString()
}
