import { syncAnswer } from '../../answer/envelope.ts'
import type { Call } from '../../server/context.ts'

/** `DELETE /1.0/operations/<id>`: cancels. */
export function cancelOperation({ server, params }: Call): Response {
  server.operations.cancel(server.operations.get(params[0] ?? ''))
  return syncAnswer({})
}
