import { syncAnswer } from '../../answer/envelope.ts'
import { Failure } from '../../answer/failure.ts'
import type { Call } from '../../call/context.ts'
import { findCertificate } from './find-certificate.ts'

/** `DELETE /1.0/certificates/<fp>`; a restricted peer may remove only its own. */
export async function deleteCertificate(call: Call): Promise<Response> {
  const { server, peer } = call
  const { fingerprint } = findCertificate(call)
  if (peer.projects !== undefined && peer.certificate?.fingerprint !== fingerprint) {
    throw new Failure(403, server.dialect.forbidden)
  }
  await server.certificates.delete(fingerprint)
  return syncAnswer({})
}
