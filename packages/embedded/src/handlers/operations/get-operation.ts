import { syncAnswer } from '../../answer/envelope.ts'
import type { Call } from '../../call/context.ts'
import { renderOperation } from '../../operations/operation.ts'
import { findOperation } from './find-operation.ts'

export function getOperation(call: Call): Response {
  return syncAnswer(renderOperation(call.server.dialect, findOperation(call)))
}
