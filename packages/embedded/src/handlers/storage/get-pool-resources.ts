import { syncAnswer } from '../../answer/envelope.ts'
import { Failure } from '../../answer/failure.ts'
import type { Call } from '../../call/context.ts'
import { poolsOf } from './pools.ts'

/** `GET /1.0/storage-pools/<name>/resources`, also for a restricted certificate. Servers leave out what is 0. */
export function getPoolResources({ server, params }: Call): Response {
  const pool = poolsOf(server).find(({ name }) => name === params[0])
  if (pool === undefined) throw new Failure(500, 'Storage pool not found')
  const { used, total } = pool
  return syncAnswer({
    space: { ...(used === 0 ? {} : { used }), total },
    inodes: { used: 10, total: 16_777_216 },
  })
}
