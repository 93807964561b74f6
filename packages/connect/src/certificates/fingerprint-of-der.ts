import { createHash } from 'node:crypto'

/** SHA-256 of a certificate's DER form, 64 hex in lower case: what `lxc` and `incus` call its fingerprint. */
export function fingerprintOfDer(der: Uint8Array): string {
  return createHash('sha256').update(der).digest('hex')
}
