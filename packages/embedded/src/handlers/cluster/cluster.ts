import { syncAnswer } from '../../answer/envelope.ts'
import { Failure } from '../../answer/failure.ts'
import type { Call } from '../../call/context.ts'
import { isRecursive } from '../../call/is-recursive.ts'
import { renderMembers } from '../../cluster/cluster.ts'

/** `GET /1.0/cluster`. */
export function getCluster({ server }: Call): Response {
  const enabled = server.cluster !== undefined
  return syncAnswer({ server_name: enabled ? server.serverName : '', enabled, member_config: [] })
}

/** `GET /1.0/cluster/members`; restricted clients see them too. */
export function listMembers(call: Call): Response {
  const members = membersOf(call)
  if (isRecursive(call.query, call.server.dialect)) return syncAnswer(members)
  return syncAnswer(members.map(({ server_name: name }) => `/1.0/cluster/members/${String(name)}`))
}

/** `GET /1.0/cluster/members/<name>`. */
export function getMember(call: Call): Response {
  const found = membersOf(call).find(({ server_name: name }) => name === call.params[0])
  if (found === undefined) throw new Failure(404, 'Cluster member not found')
  return syncAnswer(found)
}

function membersOf({ server }: Call): Record<string, unknown>[] {
  if (server.cluster === undefined) throw new Failure(500, 'Server is not clustered')
  return renderMembers(server.cluster, server.dialect)
}
