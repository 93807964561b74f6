import * as v from 'valibot'
import type { CallOptions } from '../http/call.ts'
import type { Connection } from '../http/connection.ts'
import { requireExtension } from '../http/require-extension.ts'
import { type Operation, operationSchema, readOperation } from '../model/operation.ts'
import { isAwaited } from './awaited-operations.ts'

/** Options of `operations.list`. */
export interface ListOperationsOptions extends CallOptions {
  /** Lists the operations of all projects; needs the extension `operations_get_query_all_projects`. */
  allProjects?: boolean
  /** Leaves out the operations that this client began and waits for, such as its uploads. @default false */
  ofOthers?: boolean
}

/** The operations that the server still knows, oldest first: those of all clients, and its own. */
export async function listOperations(
  connection: Connection,
  options: ListOperationsOptions = {},
): Promise<Operation[]> {
  const { allProjects, ofOthers, ...call } = options
  if (allProjects)
    await requireExtension(
      connection,
      'operations_get_query_all_projects',
      'list the operations of all projects',
      call,
    )
  const { value } = await connection.read(
    v.nullish(v.record(v.string(), v.nullish(v.array(operationSchema)))),
    {
      method: 'GET',
      path: '/1.0/operations',
      query: { recursion: '1', 'all-projects': allProjects ? 'true' : undefined },
      action: 'list operations',
      ...call,
    },
  )
  return Object.values(value ?? {})
    .flatMap((some) => some ?? [])
    .map(readOperation)
    .filter(({ id }) => !ofOthers || !isAwaited(connection.transport, id))
    .sort((a, b) => (a.createdAt?.getTime() ?? 0) - (b.createdAt?.getTime() ?? 0))
}
