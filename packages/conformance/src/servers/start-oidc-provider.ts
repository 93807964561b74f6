import { generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { listenLoopback } from './listen-loopback.ts'

export interface OidcProviderOptions {
  /** The client id with which a server's users log in: its `oidc.client.id`. @default 'device' */
  clientId?: string
  /** The audience of access tokens: the server's `oidc.audience`. @default 'incus' */
  audience?: string
}

export interface OidcProvider {
  /** The URL, which is also the issuer, without a trailing slash. */
  url: string
  clientId: string
  audience: string
  /** `GET /keys`, `POST /token refresh_token`, … in order. */
  requests: string[]
  /** An access token that is valid for an hour; the given claims replace the usual ones. */
  issueToken(claims?: Record<string, unknown>): string
  /** The same, signed with a key that the provider does not publish. */
  forgeToken(): string
  /** A refresh token that is valid for one use. */
  issueRefreshToken(): string
  /** Lifetime of tokens of the token endpoint in seconds. @default 3600 */
  lifetime: number
  /** Awaited before each answer of the token endpoint. */
  onGrant: (() => Promise<void>) | undefined
  stop(): Promise<void>
}

/**
 * An OpenID Connect provider over plain HTTP, which daemons accept as an issuer: discovery, its keys, the device flow (every
 * login succeeds at once) and refresh tokens that rotate.
 */
export async function startOidcProvider(options: OidcProviderOptions = {}): Promise<OidcProvider> {
  const { clientId = 'device', audience = 'incus' } = options
  const own = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const refreshTokens = new Set<string>()
  const requests: string[] = []
  const server = await listenLoopback((request, response) => {
    void answer(request).then(({ status = 200, json }) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json))
    })
  })
  const { url } = server
  const issue = (claims: Record<string, unknown>, key = own.privateKey): string => {
    const now = Math.floor(Date.now() / 1000)
    return signToken({ iss: url, sub: 'ada', aud: [audience], iat: now, exp: now + 3600, ...claims }, key)
  }
  const provider: OidcProvider = {
    ...server,
    clientId,
    audience,
    requests,
    issueToken: (claims = {}) => issue(claims),
    forgeToken: () => issue({}, generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey),
    issueRefreshToken() {
      const token = randomUUID()
      refreshTokens.add(token)
      return token
    },
    lifetime: 3600,
    onGrant: undefined,
  }

  async function answer(request: IncomingMessage): Promise<Answer> {
    const form = new URLSearchParams(await text(request))
    requests.push([request.method, request.url, form.get('grant_type')].filter(Boolean).join(' '))
    if (request.url === '/.well-known/openid-configuration') return { json: discovery(url) }
    if (request.url === '/keys') return { json: { keys: [publish(own.publicKey)] } }
    if (form.get('client_id') !== clientId) return { status: 400, json: { error: 'invalid_client' } }
    if (request.url === '/device') return { json: startDevice(url) }
    if (request.url === '/token') {
      await provider.onGrant?.()
      return grant(form)
    }
    return { status: 404, json: {} }
  }

  function grant(form: URLSearchParams): Answer {
    if (form.get('grant_type') === 'refresh_token' && !refreshTokens.delete(form.get('refresh_token') ?? ''))
      return { status: 400, json: { error: 'invalid_grant', error_description: 'unknown or used already' } }
    const exp = Math.floor(Date.now() / 1000) + provider.lifetime
    return {
      json: {
        access_token: issue({ exp, jti: randomUUID() }),
        token_type: 'Bearer',
        expires_in: provider.lifetime,
        refresh_token: provider.issueRefreshToken(),
        id_token: issue({ exp, aud: clientId }),
      },
    }
  }

  return provider
}

interface Answer {
  status?: number
  json: unknown
}

// One key, one name.
const kid = 'k1'

function signToken(claims: object, key: KeyObject): string {
  const parts = [{ alg: 'RS256', typ: 'JWT', kid }, claims]
  const signed = parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  return `${signed}.${sign('sha256', Buffer.from(signed), key).toString('base64url')}`
}

function publish(key: KeyObject): object {
  return { ...key.export({ format: 'jwk' }), kid, alg: 'RS256', use: 'sig' }
}

function discovery(url: string): object {
  return {
    issuer: url,
    jwks_uri: `${url}/keys`,
    token_endpoint: `${url}/token`,
    device_authorization_endpoint: `${url}/device`,
    authorization_endpoint: `${url}/authorize`,
    response_types_supported: ['code'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
  }
}

function startDevice(url: string): object {
  const verification = { verification_uri: `${url}/v`, verification_uri_complete: `${url}/v?code=A` }
  return { device_code: randomUUID(), user_code: 'A', ...verification, expires_in: 300, interval: 1 }
}
