import type { ServerContext } from '../../call/context.ts'
import type { CertificateRecord } from '../../records/records.ts'

/** The certificate as the API shows it. */
export function renderCertificate(
  server: ServerContext,
  { name, type, restricted, projects, certificate, fingerprint }: CertificateRecord,
): Record<string, unknown> {
  const description = server.dialect.certificateDescription ? { description: '' } : {}
  return { name, type, restricted, projects, certificate, ...description, fingerprint }
}
