import { syncAnswer } from '../../answer/envelope.ts'
import { Failure } from '../../answer/failure.ts'
import type { Call } from '../../call/context.ts'
import { identityOfCertificate, renderIdentity } from './render-identity.ts'

/** `GET /1.0/auth/identities/current`: the caller's identity and permissions. */
export function getCurrentIdentity({ server, peer }: Call): Response {
  const certificate = server.certificates.get(peer.requestor.username)
  const identity = peer.identity ?? (certificate && identityOfCertificate(certificate))
  if (identity === undefined)
    throw new Failure(400, 'Current identity information must be requested via the HTTPS API')
  return syncAnswer({
    ...renderIdentity(server, identity),
    effective_groups: identity.groups,
    effective_permissions: peer.permissions ?? [],
    fine_grained: peer.permissions !== undefined,
    ...(identity.expiresAt !== undefined && server.dialect.identityExpiry === 'current-bearer'
      ? { expires_at: identity.expiresAt }
      : {}),
  })
}
