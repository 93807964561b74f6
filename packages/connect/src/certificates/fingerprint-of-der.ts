import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'

/** SHA-256 of a certificate's DER form, 64 hex in lower case: what `lxc` and `incus` call its fingerprint. */
export function fingerprintOfDer(der: Uint8Array): string {
  return createHash('sha256').update(der).digest('hex')
}

/** A certificate as PEM text. */
export function pemOfDer(der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}
