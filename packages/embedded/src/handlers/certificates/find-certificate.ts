import { Failure } from '../../answer/failure.ts'
import type { Call } from '../../call/context.ts'
import type { CertificateRecord } from '../../records/records.ts'

/**
 * Finds a certificate by its fingerprint or a prefix.
 *
 * @throws {Failure} 404, or 400 if several match
 */
export function findCertificate({ server, params }: Call): CertificateRecord {
  const [prefix = ''] = params
  const matches = server.certificates.values().filter(({ fingerprint }) => fingerprint.startsWith(prefix))
  const [entry] = matches
  if (entry === undefined) throw new Failure(404, 'Certificate not found')
  if (matches.length > 1) throw new Failure(400, 'More than one certificate matches')
  return entry
}
