import { type KeyObject, verify, X509Certificate } from 'node:crypto'
import type { CertificateRecord } from '../records/records.ts'
import type { Table } from '../records/table.ts'

/**
 * The trusted certificate that a bearer token (`auth_tls_jwt`) authenticates: `exp` and `nbf` are checked if present;
 * an invalid token makes the client untrusted, and is never an error.
 *
 * @param signed what the signature covers: the token as sent, or, on Incus 6.0.4, header and claims encoded again, as Go
 *   does (T31)
 */
export function certificateOfToken(
  certificates: Table<CertificateRecord>,
  authorization: string | null | undefined,
  signed: 'rewritten' | 'as-sent',
): CertificateRecord | undefined {
  const [, header = '', claims = '', signature = ''] =
    /^Bearer ([\w-]+)\.([\w-]+)\.([\w-]+)$/.exec(authorization ?? '') ?? []
  const head = decode(header)
  const said = decode(claims)
  if (head === undefined || said === undefined || said.iss !== undefined || !isNow(said)) return undefined
  const entry = certificates.get(String(said.sub))
  if (entry === undefined || entry.certificate === '') return undefined
  const { publicKey } = new X509Certificate(entry.certificate)
  const hash = hashOf(String(head.alg), publicKey)
  if (hash === undefined) return undefined
  const text =
    signed === 'as-sent' ? `${header}.${claims}` : `${encode(sorted(head))}.${encode(inGoOrder(said))}`
  const key = { key: publicKey, dsaEncoding: 'ieee-p1363' } as const
  return verify(hash, Buffer.from(text), key, Buffer.from(signature, 'base64url')) ? entry : undefined
}

type Fields = Record<string, unknown>

/** Whole seconds only: Go's type drops a fraction. */
function isNow({ exp, nbf }: Fields): boolean {
  const now = Date.now() / 1000
  return (exp === undefined || now < Number(exp)) && (nbf === undefined || now >= Number(nbf))
}

function hashOf(algorithm: string, key: KeyObject): string | undefined {
  const curve = key.asymmetricKeyDetails?.namedCurve
  const fits: Record<string, boolean> = {
    ES256: curve === 'prime256v1',
    ES384: curve === 'secp384r1',
    RS256: key.asymmetricKeyType === 'rsa',
  }
  return fits[algorithm] ? `sha${algorithm.slice(2)}` : undefined
}

function sorted(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1)))
}

function inGoOrder(said: Fields): Fields {
  const whole = (value: unknown): unknown => (typeof value === 'number' ? Math.trunc(value) : undefined)
  const aud = typeof said.aud === 'string' ? [said.aud] : said.aud
  const { sub, exp, nbf, iat, jti } = said
  return { sub, aud, exp: whole(exp), nbf: whole(nbf), iat: whole(iat), jti }
}

function decode(part: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString())
    return typeof value === 'object' && value !== null ? (value as Fields) : undefined
  } catch {
    return undefined
  }
}

function encode(fields: Fields): string {
  return Buffer.from(JSON.stringify(fields)).toString('base64url')
}
