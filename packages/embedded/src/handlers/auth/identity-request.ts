import { readJson } from '../../call/read-json.ts'
import { decodeFields, type Fields } from '../../json/decode-fields.ts'

const shape = {
  name: 'string',
  type: 'string',
  trust_token: 'string',
  token: 'bool',
  certificate: 'string',
  groups: '[]string',
} as const

export type IdentityRequest = Fields<typeof shape>

export async function readIdentityRequest(request: Request): Promise<IdentityRequest> {
  return decodeFields(await readJson(request), 'IdentitiesTLSPost', shape)
}
