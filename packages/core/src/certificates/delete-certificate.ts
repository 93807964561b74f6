import { checkWholeFingerprint } from '../arguments/fingerprint.ts'
import type { CallOptions } from '../http/call.ts'
import type { Connection } from '../http/connection.ts'
import { shortFingerprint } from '../model/short-fingerprint.ts'

export async function deleteCertificate(
  connection: Connection,
  fingerprint: string,
  options: CallOptions = {},
): Promise<void> {
  const whole = checkWholeFingerprint(fingerprint)
  await connection.ask({
    method: 'DELETE',
    path: `/1.0/certificates/${whole}`,
    action: `remove certificate ${shortFingerprint(whole)}`,
    ...options,
  })
}
