import { X509Certificate } from 'node:crypto'
import type { TlsOptions } from './server-identity.ts'

/** What Bun's fetch takes beside {@link TlsOptions}. */
export interface BunTlsOptions extends TlsOptions {
  /** The name that the certificate must bear, instead of the URL's host. */
  serverName?: string
}

/**
 * The same trust in a form with which Bun's fetch keeps its connections: with `checkServerIdentity`, Bun 1.4.5 makes a new
 * one for each request, 277 a second on loopback instead of 2,022.
 *
 * A self-signed certificate that is no authority vouches for itself alone. Where it is all that is trusted, a certificate
 * that passes is this very one, and its own name stands in for the host's. What is pinned otherwise is compared by
 * fingerprint, at the price of the connections.
 */
export function poolingTrust(tls: TlsOptions): BunTlsOptions {
  const { checkServerIdentity, ...rest } = tls
  const serverName = checkServerIdentity && tls.ca ? nameOfOnly(tls.ca) : undefined
  return serverName === undefined ? tls : { ...rest, serverName }
}

function nameOfOnly(trusted: string): string | undefined {
  if (trusted.split('-----BEGIN CERTIFICATE-----').length !== 2) return undefined
  const certificate = new X509Certificate(trusted)
  if (certificate.ca || !certificate.verify(certificate.publicKey)) return undefined
  return /(?:^|, )DNS:([A-Za-z0-9][A-Za-z0-9.-]*)(?:,|$)/.exec(certificate.subjectAltName ?? '')?.[1]
}
