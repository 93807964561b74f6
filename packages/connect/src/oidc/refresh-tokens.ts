import { isHyperkitError } from '@hyperkit/core'
import { isLoopback, messageOf, readText } from '@hyperkit/core/parts'
import * as oauth from 'oauth4webapi'
import { createWebTransport } from '../transport/create-web-transport.ts'
import type { Environment } from '../transport/transport-options.ts'
import type { Provider } from './find-provider.ts'
import { type LoginPlace, loginFailure } from './read-login.ts'

/** The tokens that a provider issues for a refresh token. */
export interface Granted {
  accessToken: string
  /** Present if the old one must not be used again. */
  refreshToken: string | undefined
  expiresAt: Date | undefined
}

interface Renewal extends Provider {
  refreshToken: string
  /** Why a new token is needed, as the beginning of a sentence. */
  end: string
  /** Environment variables that name proxies. */
  environment: Environment | undefined
}

/** The provider does not accept the refresh token any more. */
export class RefusedGrantError extends Error {
  override readonly name = 'RefusedGrantError'
}

// Seconds by which clocks may differ. Refusing an answer for its time would lose the login: the refresh token is spent by then.
const clockTolerance = 300

const patience = 30_000

/** Bytes of an answer of a provider; those of providers have a few KiB. */
const longestAnswer = 1024 * 1024

/**
 * Gets new tokens for a refresh token of a public client: OpenID Connect Discovery, then the grant of RFC 6749, section 6.
 *
 * @throws RefusedGrantError
 * @throws HyperkitError `unreachable`, also for an answer that is not one of these protocols
 */
export async function refreshTokens(
  place: LoginPlace,
  { issuer, clientId, refreshToken, environment, end }: Renewal,
): Promise<Granted> {
  const shown = JSON.stringify(issuer)
  const failed = (why: string, cause?: unknown): Error =>
    loginFailure(place, `${end}, and its provider ${shown} did not renew it: ${why}`, {
      code: 'unreachable',
      cause,
    })
  const options = {
    [oauth.customFetch]: (url: string, init: oauth.CustomFetchOptions<string, unknown>) =>
      ask(url, init, environment),
    // `ask` refuses plain http itself, except on this machine, where the library would refuse it too.
    [oauth.allowInsecureRequests]: true,
    signal: () => AbortSignal.timeout(patience),
  }
  const client: oauth.Client = { client_id: clientId, [oauth.clockTolerance]: clockTolerance }
  try {
    const url = new URL(issuer)
    const found = await oauth.processDiscoveryResponse(url, await oauth.discoveryRequest(url, options))
    const answer = await oauth.refreshTokenGrantRequest(found, client, oauth.None(), refreshToken, options)
    const granted = await oauth.processRefreshTokenResponse(found, client, answer)
    const { access_token: accessToken, refresh_token, expires_in } = granted
    const expiresAt = expires_in === undefined ? undefined : new Date(Date.now() + expires_in * 1000)
    return { accessToken, refreshToken: refresh_token || undefined, expiresAt }
  } catch (error) {
    if (!(error instanceof oauth.ResponseBodyError)) throw failed(reasonOf(error), error)
    const { error: code, error_description: description } = error
    const said = JSON.stringify(description === undefined ? code : `${code}: ${description}`)
    if (code === 'invalid_grant')
      throw new RefusedGrantError(`its provider ${shown} refuses to renew it: ${said}`)
    throw failed(`it answered ${said}`)
  }
}

function reasonOf(error: unknown): string {
  // Core would advise to pin the certificate, which is possible for a server but not for a provider.
  if (isHyperkitError(error, 'certificate-rejected'))
    return 'its certificate is not signed by an authority that this system trusts'
  return messageOf(error)
}

/** Asks a provider as servers are asked: through the proxy of the environment, with the system's trust. It follows no redirects. */
async function ask(
  url: string,
  { method, headers, body, signal }: oauth.CustomFetchOptions<string, unknown>,
  environment: Environment | undefined,
): Promise<Response> {
  const asked = new URL(url)
  if (asked.protocol !== 'https:' && !isLoopback(asked.hostname))
    throw new Error(`${JSON.stringify(url)} is not an https URL, and tokens are not sent unencrypted`)
  const transport = await createWebTransport(asked, environment === undefined ? {} : { environment })
  try {
    const response = await transport.fetch(asked.href, {
      method,
      headers: new Headers(headers),
      ...(body == null ? {} : { body: String(body) }),
      redirect: transport.redirect ?? 'error',
      signal,
    })
    // The body is read here, since the connection is closed when this function returns.
    return new Response(await readText(response, { signal, limit: longestAnswer }), response)
  } finally {
    transport.close()
  }
}
