import { checkWholeFingerprint } from '../arguments/fingerprint.ts'
import type { CallOptions } from '../http/call.ts'
import type { Connection } from '../http/connection.ts'

export async function deleteCertificate(
  connection: Connection,
  fingerprint: string,
  options: CallOptions = {},
): Promise<void> {
  const whole = checkWholeFingerprint(fingerprint)
  await connection.ask({
    method: 'DELETE',
    path: `/1.0/certificates/${whole}`,
    action: `end the trust in certificate ${whole.slice(0, 12)}`,
    ...options,
  })
}
