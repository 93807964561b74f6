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
  /** Whole seconds for which the token is good, from 1 to a day. @default 600 */
  lifetime?: number | undefined
  /** The time, in milliseconds since 1970: for a machine whose clock is off. @default Date.now */
  now?: (() => number) | undefined
}

/** The longest lifetime, and the default one, in seconds. */
const day = 86_400
export const defaultLifetime = 600

/** The server's clock may be this many seconds behind. */
const tolerance = 60

// A clock that says less was never set; a worker's says 1970 outside of a request.
const oldest = Date.UTC(2024, 0, 1)

/**
 * A bearer token by which an Incus server with the API extension `auth_tls_jwt` takes a client for the holder of its
 * certificate, where no TLS client certificate can be shown: on edge workers, behind proxies that end TLS. Made with
 * WebCrypto; nothing is sent. {@link createTokenSource} makes new ones in time.
 *
 * Good from a minute ago, because clocks differ. LXD takes no such tokens: it issues its own.
 *
 * @throws ArgumentError a certificate or key that cannot be used, or that do not belong together; a clock that was never set
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
      `Cannot mint a token: the clock says ${sayTime(time)}; set it, and in a worker mint inside of a request`,
    )
  }
  const { fingerprint, method, publicKey } = await readCertificate(certificate)
  const privateKey = await readPrivateKey(key, method)
  const seconds = Math.floor(time / 1000)
  // Incus 6.0.4 writes header and claims anew, as Go does, before it checks the signature: so these keys in this order,
  // no space, no fraction, and nothing beside them.
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
