import type { ServerContext } from '../../call/context.ts'
import type { CertificateRecord, IdentityRecord } from '../../records/records.ts'

/** The identity as the API shows it. */
export function renderIdentity(
  { dialect }: ServerContext,
  { method, type, id, name, groups, certificate = '', expiresAt }: IdentityRecord,
): Record<string, unknown> {
  const expiry = dialect.identityExpiry === 'all' ? { expires_at: expiresAt ?? '0001-01-01T00:00:00Z' } : {}
  return { authentication_method: method, type, id, name, groups, tls_certificate: certificate, ...expiry }
}

/** A certificate of the trust store is an identity too, without groups. */
export function identityOfCertificate(entry: CertificateRecord): IdentityRecord {
  const { fingerprint: id, name, certificate, restricted } = entry
  const type = `Client certificate (${restricted ? 'restricted' : 'unrestricted'})`
  return { id, name, certificate, type, method: 'tls', groups: [] }
}
