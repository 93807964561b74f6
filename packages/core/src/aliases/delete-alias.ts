import type { CallOptions } from '../http/call.ts'
import type { Connection } from '../http/connection.ts'
import { aliasPath } from './alias-path.ts'

/** Takes a name away; the image stays. `not-found` where there is none. */
export async function deleteAlias(
  connection: Connection,
  name: string,
  options: CallOptions = {},
): Promise<void> {
  await connection.ask({
    method: 'DELETE',
    path: aliasPath(name),
    action: `delete alias ${JSON.stringify(name)}`,
    ...options,
  })
}
