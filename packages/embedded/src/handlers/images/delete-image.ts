import { asyncAnswer } from '../../answer/envelope.ts'
import { Failure } from '../../answer/failure.ts'
import type { Call, ServerContext } from '../../call/context.ts'
import { emitAlias, emitImage, imageUrl, resourceUrl } from '../../call/emit-lifecycle.ts'
import { imagesProject } from '../../call/images-project.ts'
import { renderOperation } from '../../operations/operation.ts'
import { aliasKey, blobsOf, type ImageRecord, imageKey } from '../../records/records.ts'
import { findChangeableImage } from './find-changeable-image.ts'

/** `DELETE /1.0/images/<fp>`: an operation; the aliases go with the image. */
export function deleteImage(call: Call): Response {
  const { server } = call
  const project = imagesProject(call)
  const { fingerprint } = findChangeableImage(call)
  const operation = server.operations.start({
    requestor: call.peer.requestor,
    // The project of the request, which may share the images of another.
    project: call.project,
    description: 'Deleting image',
    entityUrl: imageUrl(call.project, fingerprint),
    resources: { images: [resourceUrl(server, call.project, fingerprint)] },
    async run() {
      const image = server.images.get(imageKey(project, fingerprint))
      if (image === undefined) throw new Failure(404, 'Image not found')
      if (server.member !== undefined) await server.cluster?.clearOthers(blobsOf(image), server.member)
      const names = await removeAliases(server, image)
      await removeImage(server, image)
      // T76.
      if (server.images.values().some((one) => one.fingerprint === fingerprint)) return
      if (server.dialect.aliasEventsWithImage)
        for (const name of names) emitAlias(call, 'image-alias-deleted', name)
      emitImage(call, 'image-deleted', fingerprint)
    },
  })
  return asyncAnswer(operation.id, renderOperation(server.dialect, operation))
}

/** @returns the names of the deleted aliases */
async function removeAliases(server: ServerContext, image: ImageRecord): Promise<string[]> {
  const own = server.aliases
    .values()
    .filter(({ project, target }) => project === image.project && target === image.fingerprint)
  for (const { project, name } of own) await server.aliases.delete(aliasKey(project, name))
  return own.map(({ name }) => name)
}

/** Removes the record, then the bytes, unless another project has the same image. */
export async function removeImage(server: ServerContext, image: ImageRecord): Promise<void> {
  await server.images.delete(imageKey(image.project, image.fingerprint))
  if (server.images.values().some(({ fingerprint }) => fingerprint === image.fingerprint)) return
  for (const name of blobsOf(image)) await server.store.deleteBlob(name)
}
