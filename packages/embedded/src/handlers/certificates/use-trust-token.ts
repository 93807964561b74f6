import { Failure } from '../../answer/failure.ts'
import type { ServerContext } from '../../call/context.ts'
import type { CertificateRequest } from './certificate-request.ts'
import { readTrustToken } from './read-trust-token.ts'

/**
 * Returns what an administrator granted with a token, and uses it up.
 *
 * @returns `undefined` if the text is not a token
 * @throws {Failure} 403 for a token that is used or unknown, 400 for one of an identity (T64)
 */
export function useTrustToken(server: ServerContext, text: string): CertificateRequest | undefined {
  const given = readTrustToken(text)
  if (given === undefined) return undefined
  if (given.type !== '' && server.dialect.identities) {
    const what = 'TLS Identity token detected (you must update your client)'
    throw new Failure(400, `Failed during search for certificate add token operation: ${what}`)
  }
  const token = server.operations
    .list()
    .find(
      ({ class: kind, status, metadata }) =>
        kind === 'token' &&
        status === 'Running' &&
        metadata?.secret === given.secret &&
        Object.hasOwn(metadata, 'request'),
    )
  if (token === undefined) throw new Failure(403, 'No matching certificate add operation found')
  server.operations.spend(token)
  return token.metadata?.request as CertificateRequest
}
