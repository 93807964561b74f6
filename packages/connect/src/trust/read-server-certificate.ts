import { ArgumentError, TransportError } from '@hyperkit/core'
import { messageOf } from '@hyperkit/core/parts'
import { toEndpoint } from '../transport/endpoint.ts'
import type { UrlTransportOptions } from '../transport/transport-options.ts'

/** The certificate that a server presents. */
export interface ServerCertificate {
  /** SHA-256 of its DER form, 64 hex. Administrators compare it, and `serverCertificate` pins it. */
  fingerprint: string
  pem: string
  /** The period in which it is valid. */
  validFrom: Date
  validTo: Date
}

/**
 * Reads the certificate that a server presents, trusted or not, so that a person can be asked whether it is the right one. Nothing
 * but the TLS handshake is sent to the server, and nothing that it says is believed.
 *
 * @throws ArgumentError for a URL that is not https
 * @throws TransportError `unreachable` if the server cannot be reached, or presents no certificate
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
      `Cannot read the certificate of "${endpoint.name}": only a server with an https URL has one`,
    )
  // Loaded here and not at the top, since an edge worker loads this package too.
  const [{ showCertificate }, { X509Certificate }] = await Promise.all([
    import('../transport/show-certificate.ts'),
    import('node:crypto'),
  ])
  const { fingerprint, pem } = await showCertificate(endpoint).catch((cause: unknown) => {
    throw new TransportError(
      'unreachable',
      `Cannot read the certificate of "${endpoint.name}": ${messageOf(cause)}; check the address and port`,
      { server: endpoint.name, cause },
    )
  })
  const { validFrom, validTo } = new X509Certificate(pem)
  return { fingerprint, pem, validFrom: new Date(validFrom), validTo: new Date(validTo) }
}
