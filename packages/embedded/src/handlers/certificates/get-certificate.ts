import { syncAnswer } from '../../answer/envelope.ts'
import type { Call } from '../../call/context.ts'
import { findCertificate } from './find-certificate.ts'
import { renderCertificate } from './render-certificate.ts'

export function getCertificate(call: Call): Response {
  return syncAnswer(renderCertificate(call.server, findCertificate(call)))
}
