import { ArgumentError } from '../errors/errors.ts'
import { shortFingerprint } from '../model/short-fingerprint.ts'
import { readCertificate } from './read-certificate.ts'
import { readPrivateKey } from './read-private-key.ts'

/** Options of {@link mintToken}. */
export interface MintTokenOptions {
  /** PEM text of a client certificate that the server trusts: `client.crt` of the `incus` client. */
  certificate: string
  /** PEM text of its private key, not encrypted: `client.key`. EC P-256, EC P-384 or RSA. */
  key: string
  /** Whole seconds for which the token is valid, up to a day. @default 600 */
  lifetime?: number | undefined
  /** The time in milliseconds since 1970, for a machine whose clock is wrong. @default Date.now */
  now?: (() => number) | undefined
}

/** The longest lifetime in seconds. */
const day = 86_400

/** The default lifetime in seconds. */
export const defaultLifetime = 600

/** The server's clock may be behind by this many seconds. */
const tolerance = 60

// An earlier time means a clock that was never set; outside a request, the clock of a worker says 1970.
const oldest = Date.UTC(2024, 0, 1)

/**
 * Mints a bearer token that identifies the holder of a certificate to an Incus server with the API extension `auth_tls_jwt`. It is for
 * places without TLS client certificates, such as edge workers and clients behind a proxy that ends TLS. It is made with WebCrypto, and
 * nothing is sent. {@link createTokenSource} mints new tokens in time.
 *
 * The token is valid from a minute ago, because clocks differ. LXD does not accept such tokens: it issues its own.
 *
 * @throws ArgumentError if the certificate or key cannot be used, if they do not belong together, or if the clock was never set
 *
 * @example
 * ```ts
 * const token = await mintToken({ certificate: cert, key, lifetime: 300 })
 * ```
 */
export async function mintToken(options: MintTokenOptions): Promise<string> {
  const { certificate, key, lifetime = defaultLifetime, now = Date.now } = options
  if (!Number.isInteger(lifetime) || lifetime < 1 || lifetime > day) {
    throw new ArgumentError(
      'lifetime',
      `Cannot mint a token for ${String(lifetime)} seconds: a whole number from 1 to ${day} is needed`,
    )
  }
  const time = now()
  if (!(time >= oldest)) {
    throw new ArgumentError(
      'now',
      `Cannot mint a token: the clock says ${sayTime(time)}; set it; in a worker, mint tokens inside a request`,
    )
  }
  const { fingerprint, method, publicKey } = await readCertificate(certificate)
  const privateKey = await readPrivateKey(key, method)
  const seconds = Math.floor(time / 1000)
  // Incus 6.0.4 encodes header and claims again, as Go does, before it checks the signature. So they need exactly these keys in this order,
  // without spaces and fractions.
  const header = JSON.stringify({ alg: method.name, typ: 'JWT' })
  const claims = JSON.stringify({ sub: fingerprint, exp: seconds + lifetime, nbf: seconds - tolerance })
  const text = `${base64Url(new TextEncoder().encode(header))}.${base64Url(new TextEncoder().encode(claims))}`
  const signed = new TextEncoder().encode(text)
  const signature = await crypto.subtle.sign(method.signAs, privateKey, signed)
  if (!(await crypto.subtle.verify(method.signAs, publicKey, signature, signed))) {
    throw new ArgumentError(
      'key',
      `Cannot mint a token with "key": it does not belong to "certificate" (${shortFingerprint(fingerprint)}); give the key that the certificate was made with`,
    )
  }
  return `${text}.${base64Url(new Uint8Array(signature))}`
}

function base64Url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
}

function sayTime(time: number): string {
  return Number.isFinite(time) ? new Date(time).toISOString() : String(time)
}
