import * as v from 'valibot'
import type { CallOptions } from '../http/call.ts'
import type { Connection } from '../http/connection.ts'
import { certificateSchema, readCertificate, type TrustedCertificate } from '../model/certificate.ts'

export async function listCertificates(
  connection: Connection,
  options: CallOptions = {},
): Promise<TrustedCertificate[]> {
  const { value } = await connection.read(v.nullish(v.array(certificateSchema)), {
    method: 'GET',
    path: '/1.0/certificates',
    query: { recursion: '1' },
    action: 'list trusted certificates',
    ...options,
  })
  return (value ?? []).map(readCertificate)
}
