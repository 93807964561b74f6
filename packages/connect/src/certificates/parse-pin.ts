import { X509Certificate } from 'node:crypto'
import { ArgumentError } from '@hyperkit/core'
import { writePem } from '@hyperkit/core/parts'
import { fingerprintOfDer } from './fingerprint-of-der.ts'

export interface Pin {
  fingerprint: string
  /** Known only if the certificate itself was given. */
  pem: string | undefined
}

/**
 * Reads a pin, which an option gives as PEM text or as a fingerprint.
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
    return { fingerprint: fingerprintOfDer(der), pem: writePem(der) }
  } catch (cause) {
    throw new ArgumentError(
      'serverCertificate',
      `Cannot connect to "${name}": "serverCertificate" is not a readable certificate`,
      { cause },
    )
  }
}
