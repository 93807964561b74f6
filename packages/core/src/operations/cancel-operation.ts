import type { CallOptions } from '../http/call.ts'
import type { Connection } from '../http/connection.ts'
import { operationId } from './operation-id.ts'

/**
 * Cancels an operation. The server refuses with `bad-request` where that cannot be: uploads that it is storing,
 * publishing, deletes, and whatever has ended.
 */
export async function cancelOperation(
  connection: Connection,
  id: string,
  options: CallOptions = {},
): Promise<void> {
  await connection.ask({
    method: 'DELETE',
    path: `/1.0/operations/${operationId(id)}`,
    action: `cancel operation ${operationId(id)}`,
    ...options,
  })
}
