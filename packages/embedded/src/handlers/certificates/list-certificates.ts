import { syncAnswer } from '../../answer/envelope.ts'
import type { Call } from '../../server/context.ts'
import { isRecursive } from '../../server/is-recursive.ts'
import { renderCertificate } from './render-certificate.ts'

export function listCertificates({ server, query }: Call): Response {
  const recursive = isRecursive(query)
  const entries = server.certificates
    .values()
    .map((entry) => (recursive ? renderCertificate(server, entry) : `/1.0/certificates/${entry.fingerprint}`))
  return syncAnswer(entries)
}
