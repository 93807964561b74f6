import { randomBytes, randomUUID, X509Certificate } from 'node:crypto'
import { syncAnswer } from '../../answer/envelope.ts'
import { Failure } from '../../answer/failure.ts'
import type { Call } from '../../call/context.ts'
import type { IdentityRecord } from '../../records/records.ts'
import { mayAdminister } from '../../trust/rights.ts'
import { inTwoWeeks } from '../certificates/create-trust-token.ts'
import { checkGroups, checkIdentityName } from './check-identity.ts'
import { enrolIdentity } from './enrol-identity.ts'
import { type IdentityRequest, readIdentityRequest } from './identity-request.ts'

/**
 * `POST /1.0/auth/identities/tls`: an administrator adds an identity or creates a token for one; an untrusted client enrols
 * with that token.
 */
export async function createTlsIdentity(call: Call): Promise<Response> {
  const { server, peer } = call
  const request = await readIdentityRequest(call.request)
  if (!peer.trusted) return enrolIdentity(call, request)
  if (!mayAdminister(peer)) throw new Failure(403, server.dialect.forbidden)
  const { name = '', certificate, token } = request
  if (!name) throw new Failure(400, 'Identity name must be provided')
  if (request.trust_token) throw new Failure(409, 'Client already trusted')
  checkIdentityName(server, name, 'tls')
  checkGroups(server, request.groups ?? [])
  if (token === true) return createPending(call, name, request)
  const added = new X509Certificate(certificate ?? '')
  const id = added.fingerprint256.replaceAll(':', '').toLowerCase()
  await server.identities.put(record({ id, name, certificate: added.toString(), type: fullType }, request))
  return syncAnswer(null, { location: `/1.0/auth/identities/tls/${id}` })
}

const fullType = 'Client certificate'

/** The metadata is the token itself; no operation shows its secret (T73). */
async function createPending({ server }: Call, name: string, request: IdentityRequest): Promise<Response> {
  const secret = randomBytes(32).toString('hex')
  const id = randomUUID()
  await server.identities.put(record({ id, name, secret, type: `${fullType} (pending)` }, request))
  const token = {
    client_name: name,
    fingerprint: server.identity.fingerprint,
    addresses: [...server.addresses],
    secret,
    expires_at: inTwoWeeks(),
    type: fullType,
  }
  return syncAnswer(token, { location: `/1.0/auth/identities/tls/${id}` })
}

function record(
  fields: Omit<IdentityRecord, 'method' | 'groups'>,
  { groups }: IdentityRequest,
): IdentityRecord {
  return { ...fields, method: 'tls', groups: groups ?? [] }
}
