import { syncAnswer } from '../../answer/envelope.ts'
import { Failure } from '../../answer/failure.ts'
import type { Call, ServerContext } from '../../call/context.ts'
import { isRecursive } from '../../call/is-recursive.ts'
import { readJson } from '../../call/read-json.ts'
import { fill } from '../../dialect/fill.ts'
import { decodeFields } from '../../json/decode-fields.ts'
import type { GroupRecord } from '../../records/records.ts'
import { mayAdminister } from '../../trust/rights.ts'
import { checkPermissions, readPermissions } from './permissions.ts'

/** `GET /1.0/auth/groups`: an administrator sees all, an identity its own. */
export function listGroups({ server, peer, query }: Call): Response {
  const seen = server.groups
    .values()
    .filter(({ name }) => mayAdminister(peer) || peer.identity?.groups.includes(name) === true)
  const recursive = isRecursive(query, server.dialect)
  return syncAnswer(
    seen.map((group) => (recursive ? renderGroup(server, group) : `/1.0/auth/groups/${group.name}`)),
  )
}

/** `POST /1.0/auth/groups`. */
export async function createGroup(call: Call): Promise<Response> {
  const { server, peer } = call
  if (!mayAdminister(peer)) throw new Failure(403, server.dialect.forbidden)
  const { name = '', description, permissions } = await readGroup(call)
  if (!name) throw new Failure(400, 'Group name cannot be empty')
  if (server.groups.get(name) !== undefined) throw new Failure(409, fill(server.dialect.duplicateGroup, name))
  const granted = readPermissions(permissions ?? [])
  checkPermissions(server, granted)
  await server.groups.put({ name, description: description ?? '', permissions: granted })
  return syncAnswer(null, { location: `/1.0/auth/groups/${encodeURIComponent(name)}` })
}

export function getGroup(call: Call): Response {
  return syncAnswer(renderGroup(call.server, findGroup(call)))
}

/** `PUT` and `PATCH` of a group; PATCH adds permissions. */
export async function updateGroup(call: Call): Promise<Response> {
  const { server, peer } = call
  if (!mayAdminister(peer)) throw new Failure(403, server.dialect.forbidden)
  const group = findGroup(call)
  const { description, permissions } = await readGroup(call)
  const named = readPermissions(permissions ?? [])
  const granted = call.request.method === 'PATCH' ? [...group.permissions, ...named] : named
  checkPermissions(server, granted)
  await server.groups.put({
    ...group,
    description: description ?? group.description,
    permissions: granted,
  })
  return syncAnswer({})
}

export async function deleteGroup(call: Call): Promise<Response> {
  const { server, peer } = call
  if (!mayAdminister(peer)) throw new Failure(403, server.dialect.forbidden)
  const { name } = findGroup(call)
  await server.groups.delete(name)
  return syncAnswer({})
}

async function readGroup(call: Call) {
  return decodeFields(await readJson(call.request), 'AuthGroupsPost', {
    name: 'string',
    description: 'string',
    permissions: '[]object',
  })
}

function findGroup({ server, params, peer }: Call): GroupRecord {
  const [name = ''] = params
  const group = server.groups.get(name)
  if (group === undefined || !(mayAdminister(peer) || peer.identity?.groups.includes(name) === true))
    throw new Failure(404, server.dialect.missingGroup)
  return group
}

function renderGroup(server: ServerContext, group: GroupRecord): Record<string, unknown> {
  const members = (method: 'tls' | 'bearer'): string[] =>
    server.identities
      .values()
      .filter((one) => one.method === method && one.groups.includes(group.name))
      .map(({ id }) => id)
  const identities = { tls: members('tls'), bearer: members('bearer') }
  return {
    ...group,
    identities: Object.fromEntries(Object.entries(identities).filter(([, ids]) => ids.length > 0)),
    identity_provider_groups: null,
  }
}
