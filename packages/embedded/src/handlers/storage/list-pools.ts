import { syncAnswer } from '../../answer/envelope.ts'
import type { Call } from '../../call/context.ts'
import { isRecursive } from '../../call/is-recursive.ts'
import { refusal } from '../../dialect/fill.ts'
import { isLimited } from '../../trust/peer.ts'
import { poolsOf } from './pools.ts'

/** `GET /1.0/storage-pools` */
export function listPools({ server, query, peer }: Call): Response {
  const { dialect } = server
  if (peer.projects !== undefined && dialect.restrictedPools !== 'shown')
    throw refusal(dialect.restrictedPools)
  const pools = poolsOf(server)
  if (!isRecursive(query, dialect))
    return syncAnswer(pools.map(({ name }) => `/1.0/storage-pools/${encodeURIComponent(name)}`))
  return syncAnswer(
    pools.map(({ name }) => ({
      config: isLimited(peer) ? null : { source: `/var/lib/${dialect.kind}/storage-pools/${name}` },
      description: '',
      name,
      driver: 'dir',
      used_by: [],
      status: 'Created',
      locations: ['none'],
    })),
  )
}
