import { createHash } from 'node:crypto'

/**
 * SHA-256 of a certificate's DER, 64 hex: how LXD and Incus name certificates.
 *
 * @param certificate DER, PEM, or the fingerprint itself
 */
export function fingerprintOfCertificate(certificate: Uint8Array | string): {
  fingerprint: string
  der: Uint8Array | undefined
} {
  if (typeof certificate === 'string' && /^[0-9a-f]{64}$/i.test(certificate)) {
    return { fingerprint: certificate.toLowerCase(), der: undefined }
  }
  const der = typeof certificate === 'string' ? derOfPem(certificate) : certificate
  return { fingerprint: createHash('sha256').update(der).digest('hex'), der }
}

/** The first certificate of a PEM text; a text without armour is read as base64. */
export function derOfPem(pem: string): Uint8Array {
  const match = /-----BEGIN CERTIFICATE-----([^-]*)-----END CERTIFICATE-----/.exec(pem)
  return Buffer.from(match?.[1] ?? pem, 'base64')
}
