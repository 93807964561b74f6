import { CertificateChangedError } from '@hyperkit/core'
import { parsePin } from '../certificates/parse-pin.ts'
import type { UrlEndpoint } from './endpoint.ts'
import { createServerIdentity } from './server-identity.ts'
import { type ShownCertificate, showCertificate } from './show-certificate.ts'

/** The one certificate that all addresses of a server must show. */
export interface AgreedCertificate {
  /**
   * Makes a TLS handshake with an address, and nothing else.
   *
   * @returns the endpoint, pinned to the certificate
   * @throws CertificateChangedError for another certificate; the error of the connection if the address does not answer
   */
  check(endpoint: UrlEndpoint, signal: AbortSignal): Promise<UrlEndpoint>
}

/**
 * Members of a cluster share one certificate (T79), so an address with another one is another server. If none is pinned, the certificate of
 * the first address that answers counts, once the authorities of this client have verified it. The address that showed it last may show
 * another one that they verify: an authority renews certificates while a client runs.
 */
export function createAgreedCertificate({ serverCertificate, name }: UrlEndpoint): AgreedCertificate {
  const pin = serverCertificate === undefined ? undefined : parsePin(serverCertificate, name)
  let agreed: { fingerprint: string; pem: string; origin: string } | undefined
  return {
    async check(endpoint, signal) {
      const { origin } = endpoint
      const mayChoose = (): boolean => pin === undefined && (agreed === undefined || agreed.origin === origin)
      const isVerified = mayChoose()
      const shown = await (isVerified ? verify(endpoint, signal) : showCertificate(endpoint, signal))
      // Addresses are tried beside each other: another one may have shown its certificate in the meantime.
      const expected = pin?.fingerprint ?? (isVerified && mayChoose() ? shown : agreed)?.fingerprint
      if (expected !== undefined && shown.fingerprint !== expected)
        throw foreign(endpoint, expected, shown.fingerprint, agreed?.origin)
      agreed = { ...shown, origin }
      return { ...endpoint, serverCertificate: shown.pem }
    },
  }
}

async function verify(endpoint: UrlEndpoint, signal: AbortSignal): Promise<ShownCertificate> {
  const identity = createServerIdentity(endpoint)
  try {
    return await showCertificate(endpoint, signal, await identity.tls())
  } catch (error) {
    throw await identity.explain(error)
  }
}

function foreign(
  { name, origin }: UrlEndpoint,
  expected: string,
  actual: string,
  shownBy: string | undefined,
): CertificateChangedError {
  const before = shownBy === undefined ? 'is pinned' : `was shown by "${shownBy}"`
  return new CertificateChangedError(
    `Cannot connect to "${name}": "${origin}" shows the certificate ${actual}, but ${expected} ${before}; the addresses of a server must be members of one cluster, which share a certificate: remove the address that is wrong, or pin the certificate that is right`,
    { expected, actual, server: name },
  )
}
