import { writePem } from '@hyperkit/core/parts'
import { syncAnswer } from '../../answer/envelope.ts'
import { Failure } from '../../answer/failure.ts'
import type { Call } from '../../call/context.ts'
import { readTrustToken } from '../certificates/read-trust-token.ts'
import type { IdentityRequest } from './identity-request.ts'

/** An untrusted client becomes the identity that its token was issued for (T64). */
export async function enrolIdentity({ server, peer }: Call, request: IdentityRequest): Promise<Response> {
  const { forbidden, enrolledLocation } = server.dialect
  if (!request.trust_token) throw new Failure(403, 'Trust token required')
  if (request.name || request.certificate || request.token || request.groups?.length)
    throw new Failure(403, 'Only trust token must be provided')
  if (peer.certificate === undefined) throw new Failure(400, 'No client certificate provided')
  const token = readTrustToken(request.trust_token)
  if (token === undefined) throw new Failure(403, forbidden)
  const pending = server.identities.values().find(({ secret }) => secret === token.secret)
  if (pending === undefined) {
    const { usedIdentityToken } = server.dialect
    throw new Failure(500, `Failed during search for pending TLS identity: ${usedIdentityToken}`)
  }
  const { fingerprint: id, der } = peer.certificate
  const { secret: _used, ...kept } = pending
  await server.identities.delete(pending.id)
  await server.identities.put({
    ...kept,
    id,
    type: 'Client certificate',
    certificate: der === undefined ? '' : writePem(der),
  })
  const shown = enrolledLocation === 'fingerprint' ? id : pending.id
  return syncAnswer(null, { location: `/1.0/auth/identities/tls/${shown}` })
}
