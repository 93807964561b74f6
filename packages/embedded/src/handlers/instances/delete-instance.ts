import { asyncAnswer } from '../../answer/envelope.ts'
import { Failure } from '../../answer/failure.ts'
import type { Call } from '../../call/context.ts'
import { renderOperation } from '../../operations/operation.ts'
import { findInstance } from './find-instance.ts'

/** `DELETE /1.0/instances/<name>`, with its snapshots. */
export function deleteInstance(call: Call): Response {
  const { server, project } = call
  const instance = findInstance(call)
  if (instance.running) throw new Failure(400, 'Instance is running')
  const operation = server.operations.start({
    requestor: call.peer.requestor,
    project,
    description: 'Deleting instance',
    resources: { instances: [`/1.0/instances/${instance.name}`] },
    async run() {
      server.instances.splice(server.instances.indexOf(instance), 1)
    },
  })
  return asyncAnswer(operation.id, renderOperation(server.dialect, operation))
}
