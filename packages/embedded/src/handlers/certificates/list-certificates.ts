import { syncAnswer } from '../../answer/envelope.ts'
import type { Call } from '../../call/context.ts'
import { isRecursive } from '../../call/is-recursive.ts'
import { mayAdminister } from '../../trust/rights.ts'
import { renderCertificate } from './render-certificate.ts'

export function listCertificates({ server, query, peer }: Call): Response {
  const seesAll = mayAdminister(peer) || server.dialect.restrictedCertificates === 'all'
  const recursive = isRecursive(query, server.dialect)
  const entries = server.certificates
    .values()
    .filter(({ fingerprint }) => seesAll || fingerprint === peer.certificate?.fingerprint)
    .map((entry) => (recursive ? renderCertificate(server, entry) : `/1.0/certificates/${entry.fingerprint}`))
  return syncAnswer(entries)
}
