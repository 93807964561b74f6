import { syncAnswer } from '../../answer/envelope.ts'
import { Failure } from '../../answer/failure.ts'
import type { Call } from '../../call/context.ts'
import { isLimited } from '../../trust/peer.ts'
import { poolsOf } from './pools.ts'

/** `GET /1.0/storage-pools/<name>/resources` */
export function getPoolResources({ server, params, peer }: Call): Response {
  if (isLimited(peer)) throw new Failure(403, server.dialect.forbidden)
  const pool = poolsOf(server).find(({ name }) => name === params[0])
  if (pool === undefined) throw new Failure(404, 'Storage pool not found')
  const { used, total } = pool
  return syncAnswer({ space: { used, total }, inodes: { used: 0, total: 0 } })
}
