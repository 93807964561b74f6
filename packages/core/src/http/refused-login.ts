import { ServerError } from '../errors/errors.ts'
import { HyperkitError } from '../errors/hyperkit-error.ts'
import { saysThat } from '../model/server-words.ts'
import { isOfCertificate, readTokenClaims } from '../tokens/read-token-claims.ts'
import { type TokenFacts, untimely, untrustedCertificate } from './refused-token.ts'

/** How a server's OIDC logins are configured. */
export interface LoginFacts {
  issuer: string
  audience: string
}

/**
 * The OIDC configuration that a server sends with each 401 and 403, so that clients know where to log in. It does not send it with the
 * public view of a stranger (Incus 6.0.4).
 */
export function readLoginFacts(headers: Headers): LoginFacts | undefined {
  const read = (name: string): string =>
    headers.get(`X-Incus-OIDC-${name}`) ?? headers.get(`X-LXD-OIDC-${name}`) ?? ''
  const issuer = read('issuer')
  return issuer === '' ? undefined : { issuer, audience: read('audience') }
}

/**
 * The error for a token that was answered with 401. Incus 6.0.4 answers so on each path as soon as its `oidc.issuer` is set, even to
 * tokens that have nothing to do with OIDC. The token itself explains more than the server's words.
 */
export function refusedLogin(
  failure: ServerError,
  login: LoginFacts | undefined,
  facts: TokenFacts,
): HyperkitError {
  const server = failure.server ?? 'the server'
  return new HyperkitError(
    'not-authorized',
    `Cannot authenticate to "${server}": ${reasonOf(failure.serverMessage, login, facts)}`,
    { server, cause: failure },
  )
}

/** The error for a token of LXD that was revoked or replaced: LXD refuses even `GET /1.0` then (T71). */
export function refusedBearer(failure: Error): Error {
  if (!(failure instanceof ServerError) || failure.code !== 'not-authorized') return failure
  const server = failure.server ?? 'the server'
  return new HyperkitError(
    'not-authorized',
    `Cannot authenticate to "${server}": it does not accept the token: it was revoked or replaced by a newer one; ask for a new one (the server said ${JSON.stringify(failure.serverMessage)})`,
    { server, cause: failure },
  )
}

function reasonOf(words: string, login: LoginFacts | undefined, facts: TokenFacts): string {
  const claims = readTokenClaims(facts.token)
  const refused = 'it does not accept the token: '
  const said = `the server said ${JSON.stringify(words)}`
  // Incus ignores `nbf` of OIDC tokens.
  const late = untimely({ exp: claims?.exp }, facts)
  if (late !== undefined) return refused + late
  if (isOfCertificate(claims)) return `${refused}${untimely(claims, facts) ?? untrustedCertificate(claims)}`
  if (login === undefined) return `${refused}${said}; ask for a new one`
  const issuer = JSON.stringify(login.issuer)
  if (claims === undefined)
    return `${refused}it is not a JWT; ask the OIDC provider ${issuer} for an access token that is one`
  if (claims.iss !== login.issuer)
    return `${refused}${claims.iss === undefined ? 'the token names no issuer' : `${JSON.stringify(claims.iss)} issued it`}; ask the OIDC provider ${issuer} for one`
  if (login.audience !== '' && !claims.aud.includes(login.audience))
    return `${refused}it is for the audience ${JSON.stringify(claims.aud.join(', '))}; ask the OIDC provider ${issuer} for one with the audience ${JSON.stringify(login.audience)}`
  if (saysThat(words, 'provider-unreachable'))
    return `it cannot check the token with its OIDC provider ${issuer}: ${said}; make sure that the provider runs and that the server can reach it`
  return `${refused}${said}; ask the OIDC provider ${issuer} for a new one`
}
