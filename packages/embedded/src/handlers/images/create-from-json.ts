import type { Operation } from '../../operations/operation.ts'
import { imagesProject } from '../../records/images-project.ts'
import type { Call } from '../../server/context.ts'
import type { Creation, CreationSource } from './creation.ts'

/** Starts the operation for a source that the server fetches or packs itself. */
export function createFromJson(call: Call, _creation: Creation, source: CreationSource): Operation {
  return call.server.operations.start({
    project: imagesProject(call),
    description: 'Downloading image',
    async run() {
      throw new Error(`Unsupported source: ${source.type}`)
    },
  })
}
