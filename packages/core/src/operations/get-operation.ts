import type { CallOptions } from '../http/call.ts'
import type { Connection } from '../http/connection.ts'
import { type Operation, operationSchema, readOperation } from '../model/operation.ts'
import { operationId } from './operation-id.ts'

/** Reads one operation. Servers forget an operation 5 seconds after its end. */
export async function getOperation(
  connection: Connection,
  id: string,
  options: CallOptions = {},
): Promise<Operation> {
  const { value } = await connection.read(operationSchema, {
    method: 'GET',
    path: `/1.0/operations/${operationId(id)}`,
    action: `read operation ${operationId(id)}`,
    ...options,
  })
  return readOperation(value)
}
