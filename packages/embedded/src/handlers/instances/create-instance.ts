import { asyncAnswer } from '../../answer/envelope.ts'
import { Failure } from '../../answer/failure.ts'
import type { Call } from '../../call/context.ts'
import { findImage } from '../../call/find-image.ts'
import { imagesProject } from '../../call/images-project.ts'
import { readJson } from '../../call/read-json.ts'
import { decodeFields } from '../../json/decode-fields.ts'
import { renderOperation } from '../../operations/operation.ts'

/** `POST /1.0/instances`: creates a stopped instance from an image of the project, without unpacking it. */
export async function createInstance(call: Call): Promise<Response> {
  const { server, project } = call
  const fields = decodeFields(await readJson(call.request), 'InstancesPost', {
    name: 'string',
    type: 'string',
    source: 'object',
  })
  const source = decodeFields(fields.source ?? {}, 'InstanceSource', {
    type: 'string',
    fingerprint: 'string',
  })
  const name = fields.name ?? ''
  if (source.type !== 'image') throw new Failure(400, `Unknown source type ${source.type ?? ''}`)
  if (name === '') throw new Failure(400, 'No name provided')
  const image = findImage(server, imagesProject(call), source.fingerprint ?? '')
  const operation = server.operations.start({
    requestor: call.peer.requestor,
    project,
    description: 'Creating instance',
    resources: { instances: [`/1.0/instances/${name}`] },
    async run() {
      if (server.instances.some((one) => one.name === name && (one.project ?? 'default') === project))
        throw new Error(`Failed creating instance record: Instance "${name}" already exists`)
      server.instances.push({
        name,
        project,
        type: image.type,
        architecture: image.architecture,
        properties: image.properties,
        baseImage: image.fingerprint,
        ...(server.member === undefined ? {} : { location: server.member.name }),
        ...(Date.parse(image.expiresAt) > 0 ? { expiresAt: image.expiresAt } : {}),
      })
    },
  })
  return asyncAnswer(operation.id, renderOperation(server.dialect, operation))
}
