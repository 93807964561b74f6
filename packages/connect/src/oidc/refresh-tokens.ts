import { isHyperkitError } from '@hyperkit/core'
import { isLoopback, messageOf } from '@hyperkit/core/parts'
import * as oauth from 'oauth4webapi'
import { createTransport } from '../transport/create-transport.ts'
import type { Environment } from '../transport/transport-options.ts'
import type { Provider } from './find-provider.ts'
import { type LoginPlace, loginFailure } from './read-login.ts'

/** What a provider gives for a refresh token. */
export interface Granted {
  accessToken: string
  /** Given if the old one must not be used again. */
  refreshToken: string | undefined
  expiresAt: Date | undefined
}

interface Renewal extends Provider {
  refreshToken: string
  /** Why a new token is wanted, as the beginning of a sentence. */
  end: string
  /** Names proxies. */
  environment: Environment | undefined
}

/** The provider does not accept the refresh token any more. */
export class RefusedGrantError extends Error {
  override readonly name = 'RefusedGrantError'
}

// A provider whose answer is refused has spent the refresh token all the same, so clocks may differ by this many seconds.
const clockTolerance = 300

const patience = 30_000

/**
 * New tokens for a refresh token of a public client: OpenID Connect Discovery, then the grant of RFC 6749, section 6.
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
    loginFailure(place, `${end}, and its provider ${shown} does not renew it: ${why}`, {
      code: 'unreachable',
      cause,
    })
  const options = {
    [oauth.customFetch]: (url: string, init: oauth.CustomFetchOptions<string, unknown>) =>
      ask(url, init, environment),
    // `ask` refuses it beyond this machine; the library would refuse it here too.
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
      throw new RefusedGrantError(`its provider ${shown} renews it no longer: ${said}`)
    throw failed(`it answered ${said}`)
  }
}

function reasonOf(error: unknown): string {
  // A server could be pinned; there is no place to pin a provider.
  if (isHyperkitError(error, 'certificate-rejected'))
    return 'no authority that is trusted here vouches for its certificate'
  return messageOf(error)
}

/** Through the proxy of the environment and with the system's trust, as servers are reached. Redirects are not followed. */
async function ask(
  url: string,
  { method, headers, body, signal }: oauth.CustomFetchOptions<string, unknown>,
  environment: Environment | undefined,
): Promise<Response> {
  const { protocol, hostname, host, port, pathname, search } = new URL(url)
  if (protocol !== 'https:' && !isLoopback(hostname))
    throw new Error(`${JSON.stringify(url)} is not https, and tokens do not cross the network unencrypted`)
  // Transports are made for the API, whose default port is 8443.
  const origin = protocol === 'https:' && port === '' ? `https://${host}:443` : `${protocol}//${host}`
  const transport = await createTransport({
    url: origin,
    ...(environment === undefined ? {} : { environment }),
  })
  try {
    const response = await transport.fetch(`${transport.origin}${pathname}${search}`, {
      method,
      headers: new Headers(headers),
      ...(body == null ? {} : { body: String(body) }),
      redirect: transport.redirect ?? 'error',
      signal,
    })
    // Read here: the connection ends with this call.
    return new Response(await response.arrayBuffer(), response)
  } finally {
    transport.close?.()
  }
}
