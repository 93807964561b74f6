import { Buffer } from 'node:buffer'
import { createHash, X509Certificate } from 'node:crypto'
import { ArgumentError } from '@hyperkit/core'

/** SHA-256 of a certificate's DER form, 64 hex in lower case: what `lxc` and `incus` call its fingerprint. */
export function fingerprintOfDer(der: Uint8Array): string {
  return createHash('sha256').update(der).digest('hex')
}

export function pemOfDer(der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}

export interface Pin {
  fingerprint: string
  /** Known only where the certificate itself was given. */
  pem: string | undefined
}

/**
 * The pin that an option states: PEM text, or a fingerprint.
 *
 * @throws ArgumentError
 */
export function parsePin(text: string, name: string): Pin {
  const hex = text.trim().replaceAll(':', '').toLowerCase()
  if (/^[0-9a-f]{64}$/.test(hex)) return { fingerprint: hex, pem: undefined }
  if (!text.includes('-----BEGIN')) {
    throw new ArgumentError(
      'serverCertificate',
      `Cannot connect to "${name}": "serverCertificate" is neither PEM text nor a SHA-256 fingerprint of 64 hex digits`,
    )
  }
  try {
    const der = new Uint8Array(new X509Certificate(text).raw)
    return { fingerprint: fingerprintOfDer(der), pem: pemOfDer(der) }
  } catch (cause) {
    throw new ArgumentError(
      'serverCertificate',
      `Cannot connect to "${name}": "serverCertificate" is not a readable certificate`,
      { cause },
    )
  }
}
