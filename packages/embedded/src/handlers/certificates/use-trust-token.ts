import { Failure } from '../../answer/failure.ts'
import type { ServerContext } from '../../server/context.ts'
import type { CertificateRequest } from './certificate-request.ts'

/**
 * What an admin granted with a token; the token is used up.
 *
 * @returns `undefined` where the text is no token at all
 * @throws {Failure} 403 for a token that is used or unknown
 */
export function useTrustToken(server: ServerContext, text: string): CertificateRequest | undefined {
  const secret = secretOf(text)
  if (secret === undefined) return undefined
  const token = server.operations
    .list()
    .find(
      ({ class: kind, status, metadata }) =>
        kind === 'token' &&
        status === 'Running' &&
        metadata?.secret === secret &&
        Object.hasOwn(metadata, 'request'),
    )
  if (token === undefined) throw new Failure(403, 'No matching certificate add operation found')
  server.operations.spend(token)
  return token.metadata?.request as CertificateRequest
}

/** A token is the base64 of a JSON object that a client has made. */
function secretOf(text: string): string | undefined {
  try {
    const token: unknown = JSON.parse(Buffer.from(text, 'base64').toString('utf8'))
    if (typeof token !== 'object' || token === null) return undefined
    const { secret, fingerprint } = token as Record<string, unknown>
    return typeof secret === 'string' && typeof fingerprint === 'string' ? secret : undefined
  } catch {
    return undefined
  }
}
