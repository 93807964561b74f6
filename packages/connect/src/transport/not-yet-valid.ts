import { TransportError } from '@hyperkit/core'
import type { UrlEndpoint } from './endpoint.ts'
import type { ShownCertificate } from './show-certificate.ts'

/**
 * The error for a certificate whose time has not come, which mostly means that a clock is wrong; undefined if its time has come. Each
 * runtime words it in its own way (CERT_NOT_YET_VALID on Node and Bun, NotValidYet on Deno), so the certificate itself is read.
 */
export async function notYetValid(
  { name }: UrlEndpoint,
  { pem, fingerprint }: ShownCertificate,
  cause: unknown,
): Promise<TransportError | undefined> {
  const { X509Certificate } = await import('node:crypto')
  const [from, now] = [new Date(new X509Certificate(pem).validFrom), new Date()]
  if (!(from > now)) return undefined
  return new TransportError(
    'certificate-rejected',
    `Cannot connect to "${name}": its certificate is not valid before ${from.toISOString()}, and the clock of this machine says ${now.toISOString()}: is this clock right, and was that of the server when the certificate was made? (fingerprint ${fingerprint})`,
    { cause, server: name },
  )
}
