import { ServerError } from '../errors/errors.ts'
import { HyperkitError } from '../errors/hyperkit-error.ts'
import { saysThat } from '../model/server-words.ts'
import { isOfCertificate, readTokenClaims } from '../tokens/read-token-claims.ts'
import { type TokenFacts, untimely, untrustedCertificate } from './refused-token.ts'

/** How logins by OIDC are set up on a server. */
export interface LoginFacts {
  issuer: string
  audience: string
}

/**
 * A server with OIDC tells it with each 401, so that its client knows where to log in, and with 403; to a stranger whom it
 * shows the public view it does not (Incus 6.0.4).
 */
export function readLoginFacts(headers: Headers): LoginFacts | undefined {
  const read = (name: string): string =>
    headers.get(`X-Incus-OIDC-${name}`) ?? headers.get(`X-LXD-OIDC-${name}`) ?? ''
  const issuer = read('issuer')
  return issuer === '' ? undefined : { issuer, audience: read('audience') }
}

/**
 * A token that was answered with 401. Incus 6.0.4 does so, on each path, as soon as its `oidc.issuer` is set: also to
 * tokens that have nothing to do with OIDC. Its words say less than the token does.
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

/** A token that LXD issued, once it is revoked or another one took its place: even `GET /1.0` is refused then (T71). */
export function refusedBearer(failure: Error): Error {
  if (!(failure instanceof ServerError) || failure.code !== 'not-authorized') return failure
  const server = failure.server ?? 'the server'
  return new HyperkitError(
    'not-authorized',
    `Cannot authenticate to "${server}": it does not take the token: it is revoked, or a newer one took its place; ask for a new one (the server said ${JSON.stringify(failure.serverMessage)})`,
    { server, cause: failure },
  )
}

function reasonOf(words: string, login: LoginFacts | undefined, facts: TokenFacts): string {
  const claims = readTokenClaims(facts.token)
  const refused = 'it does not take the token: '
  const said = `the server said ${JSON.stringify(words)}`
  // What OIDC tokens say of their beginning, Incus does not look at.
  const late = untimely({ exp: claims?.exp }, facts)
  if (late !== undefined) return refused + late
  if (isOfCertificate(claims)) return `${refused}${untimely(claims, facts) ?? untrustedCertificate(claims)}`
  if (login === undefined) return `${refused}${said}; ask for a new one`
  const issuer = JSON.stringify(login.issuer)
  if (claims === undefined)
    return `${refused}it is no JWT; ask the OIDC provider ${issuer} for an access token that is one`
  if (claims.iss !== login.issuer)
    return `${refused}${JSON.stringify(claims.iss ?? 'nobody')} issued it; ask the OIDC provider ${issuer} for one`
  if (login.audience !== '' && !claims.aud.includes(login.audience))
    return `${refused}it is for the audience ${JSON.stringify(claims.aud.join(', '))}; ask the OIDC provider ${issuer} for one with the audience ${JSON.stringify(login.audience)}`
  if (saysThat(words, 'provider-unreachable'))
    return `it cannot ask its OIDC provider ${issuer} whether the token is good: ${said}; see that the provider runs and that the server reaches it`
  return `${refused}${said}; ask the OIDC provider ${issuer} for a new one`
}
