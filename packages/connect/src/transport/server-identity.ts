import { CertificateChangedError, TransportError } from '@hyperkit/core'
import { checkClientCertificate } from '../certificates/check-client-certificate.ts'
import { fingerprintOfDer } from '../certificates/fingerprint-of-der.ts'
import { type Pin, parsePin } from '../certificates/parse-pin.ts'
import type { UrlEndpoint } from './endpoint.ts'
import { notYetValid } from './not-yet-valid.ts'
import { type ShownCertificate, showCertificate } from './show-certificate.ts'
import type { TlsOptions } from './tls-options.ts'

export interface ServerIdentity {
  /** Resolves when the certificate to trust is known: at once, unless the pin is only a fingerprint. */
  tls(): Promise<TlsOptions>
  /** Turns the error of a refused certificate into one that shows fingerprints; returns any other error as it is. */
  explain(error: unknown): Promise<unknown>
}

export function createServerIdentity(endpoint: UrlEndpoint): ServerIdentity {
  const pin =
    endpoint.serverCertificate === undefined ? undefined : parsePin(endpoint.serverCertificate, endpoint.name)
  let shown: Promise<ShownCertificate> | undefined
  let own: { cert: string; key: string } | undefined
  const pemOf = async (wanted: Pin): Promise<string> => {
    if (wanted.pem !== undefined) return wanted.pem
    shown ??= showCertificate(endpoint)
    try {
      const certificate = await shown
      if (certificate.fingerprint !== wanted.fingerprint)
        throw changed(endpoint, wanted.fingerprint, certificate.fingerprint)
      return certificate.pem
    } catch (error) {
      shown = undefined
      throw error
    }
  }
  return {
    async tls() {
      const { clientCertificate, name } = endpoint
      own ??= clientCertificate && checkClientCertificate(clientCertificate, name)
      return { ...own, ...(await trustOf(endpoint, pin, pemOf)) }
    },
    async explain(error) {
      if (!isCertificateTrouble(error)) return error
      const certificate = await showCertificate(endpoint).catch(() => undefined)
      if (certificate === undefined) return error
      if (pin !== undefined && pin.fingerprint !== certificate.fingerprint)
        return changed(endpoint, pin.fingerprint, certificate.fingerprint, error)
      const early = await notYetValid(endpoint, certificate, error)
      if (early !== undefined) return early
      return pin === undefined ? untrusted(endpoint, certificate, error) : error
    },
  }
}

async function trustOf(
  endpoint: UrlEndpoint,
  pin: Pin | undefined,
  pemOf: (pin: Pin) => Promise<string>,
): Promise<TlsOptions> {
  if (pin === undefined)
    return endpoint.certificateAuthority === undefined ? {} : { ca: endpoint.certificateAuthority }
  return {
    ca: [await pemOf(pin), endpoint.certificateAuthority ?? ''].join('\n'),
    allowPartialTrustChain: true,
    // Replaces the host name check, since the certificate itself is known.
    checkServerIdentity(_host, { raw }) {
      const actual = raw === undefined ? 'none' : fingerprintOfDer(raw)
      return actual === pin.fingerprint ? undefined : changed(endpoint, pin.fingerprint, actual)
    },
  }
}

function changed(
  endpoint: UrlEndpoint,
  expected: string,
  actual: string,
  cause?: unknown,
): CertificateChangedError {
  return new CertificateChangedError(
    `Cannot connect to "${endpoint.name}": the server's certificate changed: expected ${expected}, found ${actual}; if its administrator confirms the new one, pin it`,
    { expected, actual, cause, server: endpoint.name },
  )
}

function untrusted(endpoint: UrlEndpoint, { fingerprint }: ShownCertificate, cause: unknown): TransportError {
  const reason = cause instanceof Error ? ` (${cause.message})` : ''
  return new TransportError(
    'certificate-rejected',
    `Cannot connect to "${endpoint.name}": its certificate is not trusted${reason}: fingerprint ${fingerprint}; if the server's administrator confirms it, pin it with "serverCertificate: '${fingerprint}'"`,
    { cause, server: endpoint.name },
  )
}

// OpenSSL's and BoringSSL's codes (DEPTH_ZERO_SELF_SIGNED_CERT, UNABLE_TO_VERIFY_LEAF_SIGNATURE, CERT_HAS_EXPIRED,
// ERR_TLS_CERT_ALTNAME_INVALID) and rustls' texts ("invalid peer certificate: UnknownIssuer", Deno).
const trouble = /CERT|SELF_SIGNED|UNABLE_TO_|UnknownIssuer|certificate/

function isCertificateTrouble(error: unknown): boolean {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    if (at instanceof CertificateChangedError) return false
    if (trouble.test(`${(at as { code?: unknown }).code} ${at.message}`)) return true
  }
  return false
}
