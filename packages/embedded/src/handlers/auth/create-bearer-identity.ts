import { randomUUID } from 'node:crypto'
import { syncAnswer } from '../../answer/envelope.ts'
import { Failure } from '../../answer/failure.ts'
import type { Call } from '../../call/context.ts'
import { mayAdminister } from '../../trust/rights.ts'
import { checkGroups, checkIdentityName } from './check-identity.ts'
import { readIdentityRequest } from './identity-request.ts'

/** `POST /1.0/auth/identities/bearer`: an identity that has no token yet. */
export async function createBearerIdentity(call: Call): Promise<Response> {
  const { server, peer } = call
  if (!mayAdminister(peer)) throw new Failure(403, server.dialect.forbidden)
  const { name = '', type = '', groups } = await readIdentityRequest(call.request)
  if (!name) throw new Failure(400, 'Identity name must be provided')
  if (type !== 'Client token bearer')
    throw new Failure(400, `Identities of type "${type}" cannot be created via the bearer API`)
  checkIdentityName(server, name, 'bearer')
  checkGroups(server, groups ?? [])
  const id = randomUUID()
  await server.identities.put({ id, name, type, method: 'bearer', groups: groups ?? [] })
  return syncAnswer(null, { location: `/1.0/auth/identities/bearer/${id}` })
}
