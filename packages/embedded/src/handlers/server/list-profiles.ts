import { syncAnswer } from '../../answer/envelope.ts'
import type { Call } from '../../server/context.ts'
import { isRecursive } from '../../server/is-recursive.ts'

/** `GET /1.0/profiles`: there is one. */
export function listProfiles({ server, query }: Call): Response {
  if (!isRecursive(query)) return syncAnswer(['/1.0/profiles/default'])
  const kind = server.dialect.kind === 'lxd' ? 'LXD' : 'Incus'
  return syncAnswer([
    { name: 'default', description: `Default ${kind} profile`, config: {}, devices: {}, used_by: [] },
  ])
}
