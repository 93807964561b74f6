import { Failure } from '../../answer/failure.ts'
import type { Call } from '../../call/context.ts'
import { refusal } from '../../dialect/fill.ts'
import type { Operation } from '../../operations/operation.ts'
import { mayUse } from '../../trust/peer.ts'
import { may } from '../../trust/rights.ts'

/**
 * The operation of a call, if the peer may see it; the client that started it always may.
 *
 * @throws {Failure} 404, or 403 in the words of the dialect
 */
export function findOperation({ server, peer, params }: Call): Operation {
  const { dialect } = server
  const operation = server.operations.get(params[0] ?? '')
  if (peer.projects !== undefined && !mayUse(peer, operation.project) && dialect.foreignOperation !== 'shown')
    throw refusal(dialect.foreignOperation, operation.project)
  const isTrustToken = operation.metadata !== null && Object.hasOwn(operation.metadata, 'request')
  if (isTrustToken && peer.projects !== undefined && dialect.restrictedReadsTokens !== 'allowed')
    throw refusal(dialect.restrictedReadsTokens)
  const isOwn = peer.requestor.username === operation.requestor.username
  if (peer.permissions === undefined || isOwn || may(peer, 'can_view_operations', operation.project))
    return operation
  // An operation of a project that the peer may not see is reported as missing.
  throw may(peer, 'can_view', operation.project)
    ? new Failure(403, dialect.forbidden)
    : new Failure(404, dialect.notFound)
}
