import type { CallOptions } from '../http/call.ts'
import type { Connection } from '../http/connection.ts'
import type { Operation } from '../model/operation.ts'
import { cancelOperation } from './cancel-operation.ts'
import { getOperation } from './get-operation.ts'
import { type ListOperationsOptions, listOperations } from './list-operations.ts'
import { type WaitOptions, waitOperation } from './wait-operation.ts'

/**
 * The tasks of a server.
 *
 * @example
 * ```ts
 * for (const { id, description, state } of await client.operations.list()) console.log(id, description, state)
 * ```
 */
export interface Operations {
  /** All operations that the server still knows, oldest first. */
  list(options?: ListOperationsOptions): Promise<Operation[]>
  /** One operation, by id or URL; `not-found` from 5 seconds after its end. */
  get(id: string, options?: CallOptions): Promise<Operation>
  /** Waits until the operation has succeeded, and throws otherwise. An abort of the signal cancels the operation if possible. */
  wait(id: string, options?: WaitOptions): Promise<Operation>
  /** Cancels an operation; `bad-request` if that is impossible, as while it stores, publishes or deletes, or after its end. */
  cancel(id: string, options?: CallOptions): Promise<void>
}

export function createOperations(connection: Connection): Operations {
  return {
    list: (options) => listOperations(connection, options),
    get: (id, options) => getOperation(connection, id, options),
    wait: (id, options) => waitOperation(connection, id, options),
    cancel: (id, options) => cancelOperation(connection, id, options),
  }
}
