import { Failure } from '../../answer/failure.ts'
import type { Call } from '../../call/context.ts'
import type { IdentityRecord } from '../../records/records.ts'
import { mayAdminister } from '../../trust/rights.ts'

/**
 * The identity of a call, by name or id; only an administrator sees identities other than its own.
 *
 * @throws {Failure} 404
 */
export function findIdentity(
  { server, peer, params }: Call,
  method: IdentityRecord['method'],
): IdentityRecord {
  const [asked = ''] = params
  const identity = server.identities
    .values()
    .find((one) => one.method === method && (one.id === asked || one.name === asked))
  if (identity === undefined || !(mayAdminister(peer) || peer.identity?.id === identity.id))
    throw new Failure(404, server.dialect.notFound)
  return identity
}
