import { syncAnswer } from '../../answer/envelope.ts'
import { Failure } from '../../answer/failure.ts'
import type { Call } from '../../call/context.ts'
import { readJson } from '../../call/read-json.ts'
import { decodeFields } from '../../json/decode-fields.ts'
import type { IdentityRecord } from '../../records/records.ts'
import { mayAdminister } from '../../trust/rights.ts'
import { checkGroups } from './check-identity.ts'
import { findIdentity } from './find-identity.ts'

/** `PUT` and `PATCH` of an identity: its groups. PATCH adds to them. */
export function updateIdentity(method: IdentityRecord['method']): (call: Call) => Promise<Response> {
  return async (call) => {
    const { server, peer } = call
    if (!mayAdminister(peer)) throw new Failure(403, server.dialect.forbidden)
    const identity = findIdentity(call, method)
    const fields = decodeFields(await readJson(call.request), 'IdentityPut', { groups: '[]string' })
    const named = fields.groups ?? []
    checkGroups(server, named)
    const groups = call.request.method === 'PATCH' ? [...new Set([...identity.groups, ...named])] : named
    await server.identities.put({ ...identity, groups })
    return syncAnswer({})
  }
}

export function deleteIdentity(method: IdentityRecord['method']): (call: Call) => Promise<Response> {
  return async (call) => {
    const { id } = findIdentity(call, method)
    await call.server.identities.delete(id)
    return syncAnswer({})
  }
}
