import type { Call } from '../../call/context.ts'
import { imagesProject } from '../../call/images-project.ts'
import type { Creation, CreationSource } from '../../creation/creation.ts'
import type { Operation, OperationHandle } from '../../operations/operation.ts'
import { checkPublish, publishImage } from '../../publish/publish-image.ts'
import { downloadImage, pullImage } from './pull-image.ts'

type Work = (call: Call, handle: OperationHandle, creation: Creation, source: CreationSource) => Promise<void>

/** Starts the operation for a source that the server downloads or packs itself. */
export function createFromJson(call: Call, creation: Creation, source: CreationSource): Operation {
  const work = workFor(source.type)
  if (work === publishImage) checkPublish(call, creation, source)
  return call.server.operations.start({
    requestor: call.peer.requestor,
    project: imagesProject(call),
    description: 'Downloading image',
    run: (handle) => work(call, handle, creation, source),
  })
}

function workFor(type: string): Work {
  if (type === 'image') return pullImage
  return type === 'url' ? downloadImage : publishImage
}
