import { syncAnswer } from '../../answer/envelope.ts'
import type { Call } from '../../call/context.ts'
import { isRecursive } from '../../call/is-recursive.ts'
import { poolsOf } from './pools.ts'

/** `GET /1.0/storage-pools` */
export function listPools({ server, query }: Call): Response {
  const pools = poolsOf(server)
  if (!isRecursive(query, server.dialect))
    return syncAnswer(pools.map(({ name }) => `/1.0/storage-pools/${encodeURIComponent(name)}`))
  return syncAnswer(
    pools.map(({ name }) => ({
      config: { source: `/var/lib/${server.dialect.kind}/storage-pools/${name}` },
      description: '',
      name,
      driver: 'dir',
      used_by: [],
      status: 'Created',
      locations: ['none'],
    })),
  )
}
