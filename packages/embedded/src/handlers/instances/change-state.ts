import { asyncAnswer } from '../../answer/envelope.ts'
import { Failure } from '../../answer/failure.ts'
import type { Call } from '../../call/context.ts'
import { readJson } from '../../call/read-json.ts'
import { decodeFields } from '../../json/decode-fields.ts'
import { renderOperation } from '../../operations/operation.ts'
import { findInstance } from './find-instance.ts'

const changes: Readonly<Record<string, { description: string; running: boolean; already: string }>> = {
  start: { description: 'Starting instance', running: true, already: 'The instance is already running' },
  stop: { description: 'Stopping instance', running: false, already: 'The instance is already stopped' },
}

/** `PUT /1.0/instances/<name>/state`: instances do not run here, but clients that publish one stop and start it. */
export async function changeState(call: Call): Promise<Response> {
  const { server, project } = call
  const { action } = decodeFields(await readJson(call.request), 'InstanceStatePut', { action: 'string' })
  const instance = findInstance(call)
  const change = changes[action ?? '']
  if (change === undefined) throw new Failure(400, `Unknown action ${action ?? ''}`)
  const operation = server.operations.start({
    requestor: call.peer.requestor,
    project,
    description: change.description,
    resources: { instances: [`/1.0/instances/${instance.name}`] },
    async run() {
      if ((instance.running ?? false) === change.running) throw new Error(change.already)
      instance.running = change.running
      if (!change.running && instance.ephemeral)
        server.instances.splice(server.instances.indexOf(instance), 1)
    },
  })
  return asyncAnswer(operation.id, renderOperation(server.dialect, operation))
}
