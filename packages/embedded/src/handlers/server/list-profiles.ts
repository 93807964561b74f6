import { syncAnswer } from '../../answer/envelope.ts'
import type { Call } from '../../server/context.ts'
import { isRecursive } from '../../server/is-recursive.ts'

/** `GET /1.0/profiles`: there is one. */
export function listProfiles({ server, query }: Call): Response {
  if (!isRecursive(query, server.dialect)) return syncAnswer(['/1.0/profiles/default'])
  return syncAnswer([
    {
      name: 'default',
      description: `Default ${server.dialect.productName} profile`,
      config: {},
      devices: {},
      used_by: [],
    },
  ])
}
