import { ArgumentError, CertificateChangedError, type Client } from '@hyperkit/core'
import { endpointsOf } from './endpoints.ts'
import { parseTrustToken } from './trust-token.ts'

/** Options of {@link trust}. */
export type TrustOptions = TrustByToken | TrustByPassword

/** Trust by a token that a trusted client made. */
export interface TrustByToken {
  /** From `incus config trust add NAME` or `lxc config trust add`. */
  token: string
  password?: never
  /** Name under which the server lists this client. @default the name in the token */
  name?: string
  signal?: AbortSignal
}

/** Trust by the password of an LXD server. */
export interface TrustByPassword {
  /** The server's `core.trust_password`; LXD only. */
  password: string
  token?: never
  /** Name under which the server lists this client. @default 'hyperkit' */
  name?: string
  signal?: AbortSignal
}

/**
 * Makes a server trust the client certificate that `client` presents.
 *
 * A token names the certificate of the server that made it. Before anything is sent, the server must present that certificate.
 *
 * @throws ArgumentError for a token that cannot be read or has expired, or a client without a certificate
 * @throws CertificateChangedError if the token is from another server
 * @throws HyperkitError `already-exists` if the server trusts the client already; nothing was sent, and the token stays usable
 * @throws ServerError if the server refuses
 *
 * @example
 * ```ts
 * const { fingerprint: serverCertificate } = parseTrustToken(token)
 * const client = await connect({ url: 'https://10.1.0.7:8443', serverCertificate, clientCertificate: { cert, key } })
 * await trust(client, { token })
 * ```
 */
export async function trust(client: Client<boolean>, options: TrustOptions): Promise<void> {
  const call = options.signal === undefined ? {} : { signal: options.signal }
  if (options.token === undefined) {
    await client.certificates.create(options.name ?? 'hyperkit', { password: options.password, ...call })
    return
  }
  const { clientName, fingerprint, expiresAt } = parseTrustToken(options.token)
  if (expiresAt !== undefined && expiresAt.getTime() <= Date.now()) {
    throw new ArgumentError(
      'token',
      `Cannot enrol at "${client.name}": the token expired at ${expiresAt.toISOString()}; ask for a new one`,
    )
  }
  const actual = await shownBy(endpointsOf(client))
  if (actual !== fingerprint) {
    throw new CertificateChangedError(
      `Cannot enrol at "${client.name}": the token is for a server with the certificate ${fingerprint}, and this server presents ${actual}; nothing was sent`,
      { expected: fingerprint, actual, server: client.name },
    )
  }
  await client.certificates.create(options.name ?? clientName, { token: options.token.trim(), ...call })
}

// Loaded when needed, since the handshake needs node:tls, and an edge worker loads this package too.
async function shownBy(endpoints: ReturnType<typeof endpointsOf>): Promise<string> {
  const { showFirst } = await import('../transport/show-certificate.ts')
  return (await showFirst(endpoints)).fingerprint
}
