import type { CallOptions } from '../http/call.ts'
import type { Connection } from '../http/connection.ts'
import { aliasPath } from './alias-path.ts'

/** Deletes an alias and keeps its image; `not-found` if there is no such alias. */
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
