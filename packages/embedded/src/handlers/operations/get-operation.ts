import { syncAnswer } from '../../answer/envelope.ts'
import { renderOperation } from '../../operations/operation.ts'
import type { Call } from '../../server/context.ts'

export function getOperation({ server, params }: Call): Response {
  return syncAnswer(renderOperation(server.operations.get(params[0] ?? '')))
}
