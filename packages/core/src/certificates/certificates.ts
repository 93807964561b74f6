import type { CallOptions } from '../http/call.ts'
import type { Connection } from '../http/connection.ts'
import type { TrustedCertificate } from '../model/certificate.ts'
import {
  type CreateBearerTokenOptions,
  createBearerToken,
  type IssuedBearerToken,
} from './create-bearer-token.ts'
import { type CreateCertificateOptions, createCertificate } from './create-certificate.ts'
import { type CreateIdentityTokenOptions, createIdentityToken } from './create-identity-token.ts'
import { type CreateTokenOptions, createToken, type TrustToken } from './create-token.ts'
import { deleteCertificate } from './delete-certificate.ts'
import { listCertificates } from './list-certificates.ts'

/**
 * The client certificates that a server trusts, and tokens for new clients.
 *
 * @example
 * ```ts
 * const { token } = await client.certificates.createToken('laptop') // for the first connection of that client
 * for (const { name, fingerprint } of await client.certificates.list()) console.log(name, fingerprint)
 * ```
 */
export interface Certificates {
  /** All certificates that the server trusts. */
  list(options?: CallOptions): Promise<TrustedCertificate[]>
  /**
   * Makes the server trust a client certificate: by a token, by a password, or as an administrator.
   *
   * Before it sends a token or a password, it asks the server whether it knows this client: `already-exists` if the server trusts it
   * already, and `invalid-argument` if the client presents no certificate. The token stays usable then.
   */
  create(name: string, options: CreateCertificateOptions): Promise<void>
  /** Creates a token with which a client gets its certificate trusted. */
  createToken(name: string, options?: CreateTokenOptions): Promise<TrustToken>
  /** Creates a token with which a client becomes a fine-grained identity of LXD, in groups. */
  createIdentityToken(name: string, options?: CreateIdentityTokenOptions): Promise<string>
  /** Creates an identity of LXD, in groups, with a bearer token for a client without a certificate. */
  createBearerToken(name: string, options?: CreateBearerTokenOptions): Promise<IssuedBearerToken>
  /** Ends the trust in a certificate. All 64 characters of its fingerprint are needed; `not-found` if it is not trusted. */
  delete(fingerprint: string, options?: CallOptions): Promise<void>
}

export function createCertificates(connection: Connection): Certificates {
  return {
    list: (options) => listCertificates(connection, options),
    create: (name, options) => createCertificate(connection, name, options),
    createToken: (name, options) => createToken(connection, name, options),
    createIdentityToken: (name, options) => createIdentityToken(connection, name, options),
    createBearerToken: (name, options) => createBearerToken(connection, name, options),
    delete: (fingerprint, options) => deleteCertificate(connection, fingerprint, options),
  }
}
