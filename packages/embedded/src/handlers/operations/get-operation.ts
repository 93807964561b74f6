import { syncAnswer } from '../../answer/envelope.ts'
import { renderOperation } from '../../operations/operation.ts'
import type { Call } from '../../server/context.ts'
import { findOperation } from './find-operation.ts'

export function getOperation(call: Call): Response {
  return syncAnswer(renderOperation(call.server.dialect, findOperation(call)))
}
