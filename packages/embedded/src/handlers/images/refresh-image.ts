import { asyncAnswer } from '../../answer/envelope.ts'
import type { Call } from '../../call/context.ts'
import { emitImage, imageUrl } from '../../call/emit-lifecycle.ts'
import { imagesProject } from '../../call/images-project.ts'
import { type OperationHandle, renderOperation } from '../../operations/operation.ts'
import type { ImageRecord, UpdateSource } from '../../records/records.ts'
import { resolveSource } from '../../sources/resolve-source.ts'
import { removeImage } from './delete-image.ts'
import { fetchImage } from './fetch-image.ts'
import { findChangeableImage } from './find-changeable-image.ts'

/** `POST /1.0/images/<fp>/refresh` (T17). */
export function refreshImage(call: Call): Response {
  const { server } = call
  const project = imagesProject(call)
  const image = findChangeableImage(call)
  const operation = server.operations.start({
    requestor: call.peer.requestor,
    project,
    description: 'Refreshing image',
    entityUrl: imageUrl(project, image.fingerprint),
    async run(handle) {
      const { updateSource } = image
      if (updateSource === undefined) {
        const where = `image "${image.fingerprint}" in project "${project}"`
        throw new Error(`Failed to update ${where}: Image source not found`)
      }
      // The daemons only log a failing source: the operation succeeds with `refreshed: false`.
      const refreshed = await replace(call, handle, image, updateSource).catch(() => false)
      handle.setMetadata({ refreshed })
    },
  })
  return asyncAnswer(operation.id, renderOperation(server.dialect, operation))
}

async function replace(
  call: Call,
  handle: OperationHandle,
  old: ImageRecord,
  updateSource: UpdateSource,
): Promise<boolean> {
  const { server } = call
  const source = { ...updateSource, fingerprint: '', secret: '', project: '' }
  const resolved = await resolveSource(server, source, handle.stopped)
  if (resolved.fingerprint === old.fingerprint) return false
  const { image } = await fetchImage(server, handle, resolved, old.project)
  await server.images.put({
    ...image,
    public: old.public,
    profiles: old.profiles,
    autoUpdate: true,
    filename: '',
    updateSource,
  })
  for (const alias of server.aliases.values()) {
    if (alias.project !== old.project || alias.target !== old.fingerprint) continue
    await server.aliases.put({ ...alias, target: image.fingerprint })
  }
  await removeImage(server, old)
  emitImage(call, 'image-refreshed', old.fingerprint)
  return true
}
