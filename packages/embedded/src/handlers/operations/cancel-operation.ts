import { syncAnswer } from '../../answer/envelope.ts'
import type { Call } from '../../call/context.ts'
import { findOperation } from './find-operation.ts'

/** `DELETE /1.0/operations/<id>`: cancels. */
export async function cancelOperation(call: Call): Promise<Response> {
  await call.server.operations.cancel(findOperation(call))
  return syncAnswer({})
}
