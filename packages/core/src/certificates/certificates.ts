import type { CallOptions } from '../http/call.ts'
import type { Connection } from '../http/connection.ts'
import type { TrustedCertificate } from '../model/certificate.ts'
import { type CreateCertificateOptions, createCertificate } from './create-certificate.ts'
import { type CreateTokenOptions, createToken, type TrustToken } from './create-token.ts'
import { deleteCertificate } from './delete-certificate.ts'
import { listCertificates } from './list-certificates.ts'

/** Whom a server trusts. */
export interface Certificates {
  list(options?: CallOptions): Promise<TrustedCertificate[]>
  /** Has a client certificate trusted: by a token, a password, or as an administrator. */
  create(name: string, options: CreateCertificateOptions): Promise<void>
  /** A token for somebody's first connection. */
  createToken(name: string, options?: CreateTokenOptions): Promise<TrustToken>
  delete(fingerprint: string, options?: CallOptions): Promise<void>
}

export function createCertificates(connection: Connection): Certificates {
  return {
    list: (options) => listCertificates(connection, options),
    create: (name, options) => createCertificate(connection, name, options),
    createToken: (name, options) => createToken(connection, name, options),
    delete: (fingerprint, options) => deleteCertificate(connection, fingerprint, options),
  }
}
