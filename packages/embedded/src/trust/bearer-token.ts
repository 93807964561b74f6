import { createHmac, timingSafeEqual } from 'node:crypto'
import type { IdentityRecord } from '../records/records.ts'
import type { Table } from '../records/table.ts'

interface Claims {
  iss: string
  sub: string
  aud: string[]
  exp: number
  nbf: number
  iat: number
  server_cert_fingerprint: string
}

const header = encode({ alg: 'HS512', typ: 'JWT' })

/** The token of a bearer identity, as LXD 6.7 and newer issue them. */
export function signBearerToken(
  { id, signingKey = '' }: IdentityRecord,
  issuer: string,
  serverFingerprint: string,
  expires: Date,
): string {
  const now = Math.floor(Date.now() / 1000)
  const claims: Claims = {
    iss: issuer,
    sub: id,
    aud: [issuer],
    exp: Math.floor(expires.getTime() / 1000),
    nbf: now,
    iat: now,
    server_cert_fingerprint: serverFingerprint,
  }
  const text = `${header}.${encode(claims)}`
  return `${text}.${signatureOf(text, signingKey)}`
}

/**
 * The identity that a bearer token authenticates.
 *
 * @returns `undefined` if the text is not a token of such a server; an error if it is not valid, or no longer
 */
export function identityOfBearerToken(
  identities: Table<IdentityRecord>,
  authorization: string | null | undefined,
): IdentityRecord | Error | undefined {
  const [, text = '', claims = '', signature = ''] =
    /^Bearer ([\w-]+\.([\w-]+))\.([\w-]+)$/.exec(authorization ?? '') ?? []
  const said = decode(claims)
  if (said === undefined || !String(said.iss).startsWith('lxd:')) return undefined
  const identity = identities.get(String(said.sub))
  if (identity?.signingKey === undefined)
    return new Error('Unrecognized token subject: No secret found for bearer token identity')
  const expected = Buffer.from(signatureOf(text, identity.signingKey))
  const given = Buffer.from(signature)
  if (expected.length !== given.length || !timingSafeEqual(expected, given))
    return new Error(
      'Failed authenticating bearer token: Token is not valid: token signature is invalid: signature is invalid',
    )
  if (Number(said.exp) <= Date.now() / 1000)
    return new Error(
      'Failed authenticating bearer token: Token is not valid: token has invalid claims: token is expired',
    )
  return identity
}

function signatureOf(text: string, key: string): string {
  return createHmac('sha512', Buffer.from(key, 'hex')).update(text).digest('base64url')
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

function decode(part: string): Partial<Claims> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString())
    return typeof value === 'object' && value !== null ? (value as Partial<Claims>) : undefined
  } catch {
    return undefined
  }
}
