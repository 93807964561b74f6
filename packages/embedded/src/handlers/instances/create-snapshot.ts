import { asyncAnswer } from '../../answer/envelope.ts'
import type { Call } from '../../call/context.ts'
import { readJson } from '../../call/read-json.ts'
import { decodeFields } from '../../json/decode-fields.ts'
import { renderOperation } from '../../operations/operation.ts'
import { findInstance } from './find-instance.ts'

/** `POST /1.0/instances/<name>/snapshots`: with the current state of the instance. */
export async function createSnapshot(call: Call): Promise<Response> {
  const { server, project } = call
  const { name } = decodeFields(await readJson(call.request), 'InstanceSnapshotsPost', { name: 'string' })
  const instance = findInstance(call)
  const { baseImage, snapshots = [] } = instance
  const operation = server.operations.start({
    requestor: call.peer.requestor,
    project,
    description: 'Snapshotting instance',
    resources: { instances: [`/1.0/instances/${instance.name}`] },
    async run() {
      const made = { name: name ?? '', createdAt: new Date().toISOString() }
      instance.snapshots = [...snapshots, { ...made, ...(baseImage === undefined ? {} : { baseImage }) }]
    },
  })
  return asyncAnswer(operation.id, renderOperation(server.dialect, operation))
}
