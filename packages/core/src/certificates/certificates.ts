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
 * Whom a server trusts.
 *
 * @example
 * ```ts
 * const { token } = await client.certificates.createToken('laptop') // for somebody's first connection
 * for (const { name, fingerprint } of await client.certificates.list()) console.log(name, fingerprint)
 * ```
 */
export interface Certificates {
  /** All certificates that the server trusts. */
  list(options?: CallOptions): Promise<TrustedCertificate[]>
  /**
   * Has a client certificate trusted: by a token, a password, or as an administrator.
   *
   * Before a token or a password is sent the server is asked whether it knows this client: `already-exists` where it trusts it; a
   * client that shows no certificate is `invalid-argument`. The token stays usable then.
   */
  create(name: string, options: CreateCertificateOptions): Promise<void>
  /** A token for somebody's first connection. */
  createToken(name: string, options?: CreateTokenOptions): Promise<TrustToken>
  /** A token with which somebody becomes a fine-grained identity of LXD, in groups. */
  createIdentityToken(name: string, options?: CreateIdentityTokenOptions): Promise<string>
  /** An identity of LXD, new and in groups, with the bearer token by which a client without a certificate is taken for it. */
  createBearerToken(name: string, options?: CreateBearerTokenOptions): Promise<IssuedBearerToken>
  /** Trusts a certificate no longer. All 64 characters of its fingerprint are needed; `not-found` where it is not trusted. */
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
