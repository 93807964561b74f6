import { readJson } from '../../call/read-json.ts'
import { decodeFields, type Fields } from '../../json/decode-fields.ts'

const shape = {
  name: 'string',
  type: 'string',
  restricted: 'bool',
  projects: '[]string',
  certificate: 'string',
  password: 'string',
  trust_token: 'string',
  token: 'bool',
} as const

export type CertificateRequest = Fields<typeof shape>

/** The request for a certificate or token. */
export async function readCertificateRequest(request: Request): Promise<CertificateRequest> {
  return decodeFields(await readJson(request), 'CertificatesPost', shape)
}
