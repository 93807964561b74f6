import { ArgumentError } from '@hyperkit/core'
import { toEndpoint } from '../transport/endpoint.ts'
import type { UrlTransportOptions } from '../transport/transport-options.ts'

/** The certificate that a server shows. */
export interface ServerCertificate {
  /** SHA-256 of its DER form, 64 hex: what administrators compare, and `serverCertificate` pins. */
  fingerprint: string
  pem: string
  /** When it begins and ceases to be valid. */
  validFrom: Date
  validTo: Date
}

/**
 * The certificate that a server shows, whoever it is: for asking somebody whether it is the right one. Nothing is sent to
 * the server but the TLS handshake, and nothing that it says is believed.
 *
 * @throws ArgumentError no https URL
 *
 * @example
 * ```ts
 * const { fingerprint } = await readServerCertificate({ url: 'https://10.1.0.7:8443' })
 * ```
 */
export async function readServerCertificate(options: UrlTransportOptions): Promise<ServerCertificate> {
  const endpoint = toEndpoint(options)
  if (endpoint.kind !== 'url' || !endpoint.secure)
    throw new ArgumentError(
      'url',
      `Cannot read the certificate of "${endpoint.name}": only a server behind an https URL has one`,
    )
  // Loaded here and not above: an edge worker loads this package too.
  const [{ showCertificate }, { X509Certificate }] = await Promise.all([
    import('../transport/show-certificate.ts'),
    import('node:crypto'),
  ])
  const { fingerprint, pem } = await showCertificate(endpoint)
  const { validFrom, validTo } = new X509Certificate(pem)
  return { fingerprint, pem, validFrom: new Date(validFrom), validTo: new Date(validTo) }
}
