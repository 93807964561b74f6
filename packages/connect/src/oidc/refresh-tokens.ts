import { isHyperkitError } from '@hyperkit/core'
import { isLoopback } from '@hyperkit/core/parts'
import * as v from 'valibot'
import { createTransport } from '../transport/create-transport.ts'
import type { Environment } from '../transport/transport-options.ts'
import type { Provider } from './find-provider.ts'
import { type LoginPlace, loginFailure } from './read-login.ts'

/** What a provider gives for a refresh token. */
export interface Granted {
  accessToken: string
  tokenType: string
  /** Where the old one is not to be used again. */
  refreshToken: string | undefined
  expiresAt: Date | undefined
}

interface Renewal extends Provider {
  refreshToken: string
  /** Why a new token is wanted, as the beginning of a sentence. */
  end: string
  /** Where proxies are named. */
  environment: Environment | undefined
}

/** The provider takes the refresh token no longer. */
export class RefusedGrantError extends Error {
  override readonly name = 'RefusedGrantError'
}

const discovery = v.looseObject({ issuer: v.string(), token_endpoint: v.string() })
const grant = v.looseObject({
  access_token: v.pipe(v.string(), v.nonEmpty()),
  token_type: v.optional(v.string(), 'Bearer'),
  refresh_token: v.optional(v.string()),
  expires_in: v.optional(v.number()),
})
const refusal = v.looseObject({ error: v.string(), error_description: v.optional(v.string()) })

/**
 * New tokens for a refresh token: OpenID Connect Discovery, then the grant of RFC 6749, section 6, of a public client.
 *
 * @throws RefusedGrantError
 * @throws HyperkitError `unreachable`, also where the provider answers with what is no answer
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
  const ask = async (url: string, form?: URLSearchParams): Promise<{ ok: boolean; json: unknown }> => {
    try {
      return await exchange(url, environment, form)
    } catch (error) {
      throw failed(reasonOf(error), error)
    }
  }
  const document = await ask(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`)
  const found = v.safeParse(discovery, document.json)
  if (!document.ok || !found.success || found.output.issuer !== issuer)
    throw failed('it has no discovery document of this issuer')
  const answer = await ask(
    found.output.token_endpoint,
    new URLSearchParams({ grant_type: 'refresh_token', refresh_token: refreshToken, client_id: clientId }),
  )
  const granted = v.safeParse(grant, answer.json)
  if (answer.ok && granted.success) {
    const { access_token: accessToken, token_type: tokenType, refresh_token, expires_in } = granted.output
    const expiresAt = expires_in === undefined ? undefined : new Date(Date.now() + expires_in * 1000)
    return { accessToken, tokenType, refreshToken: refresh_token || undefined, expiresAt }
  }
  const refused = v.safeParse(refusal, answer.json)
  if (!refused.success) throw failed('its answer is none of RFC 6749')
  const { error, error_description: description } = refused.output
  const said = JSON.stringify(description === undefined ? error : `${error}: ${description}`)
  if (error === 'invalid_grant')
    throw new RefusedGrantError(`its provider ${shown} renews it no longer: ${said}`)
  throw failed(`it answered ${said}`)
}

function reasonOf(error: unknown): string {
  // A server could be pinned; there is no place to pin a provider.
  if (isHyperkitError(error, 'certificate-rejected'))
    return 'no authority that is trusted here vouches for its certificate'
  return error instanceof Error ? error.message : String(error)
}

const patience = 30_000

/** Through the proxy of the environment and with the system's trust, as servers are reached. Redirects are not followed. */
async function exchange(
  url: string,
  environment: Environment | undefined,
  form?: URLSearchParams,
): Promise<{ ok: boolean; json: unknown }> {
  const { protocol, hostname, host, port, pathname, search } = new URL(url)
  if (protocol !== 'https:' && !isLoopback(hostname))
    throw new Error(`${JSON.stringify(url)} is not https, and tokens do not cross the network unencrypted`)
  // Transports are made for the API, whose port is another one where none is written.
  const origin = protocol === 'https:' && port === '' ? `https://${host}:443` : `${protocol}//${host}`
  const transport = await createTransport({
    url: origin,
    ...(environment === undefined ? {} : { environment }),
  })
  try {
    const response = await transport.fetch(`${transport.origin}${pathname}${search}`, {
      method: form === undefined ? 'GET' : 'POST',
      headers: new Headers({
        accept: 'application/json',
        ...(form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
      }),
      ...(form === undefined ? {} : { body: form.toString() }),
      redirect: transport.redirect ?? 'error',
      signal: AbortSignal.timeout(patience),
    })
    return { ok: response.ok, json: parse(await response.text()) }
  } finally {
    transport.close?.()
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
