import { randomBytes } from 'node:crypto'
import { asyncAnswer } from '../../answer/envelope.ts'
import type { Call } from '../../call/context.ts'
import { emitImage, imageUrl, resourceUrl } from '../../call/emit-lifecycle.ts'
import { imagesProject } from '../../call/images-project.ts'
import { renderOperation } from '../../operations/operation.ts'
import { findChangeableImage } from './find-changeable-image.ts'

/** `POST /1.0/images/<fp>/secret`: a token that opens a private image, for 5 s after its first use (T19). */
export function createSecret(call: Call): Response {
  const { server } = call
  const project = imagesProject(call)
  const { fingerprint } = findChangeableImage(call)
  const operation = server.operations.start({
    requestor: call.peer.requestor,
    project,
    class: 'token',
    description: 'Image download token',
    entityUrl: imageUrl(project, fingerprint),
    resources: { images: [resourceUrl(server, project, fingerprint)] },
    metadata: { secret: randomBytes(32).toString('hex') },
  })
  emitImage(call, 'image-secret-created', fingerprint)
  return asyncAnswer(operation.id, renderOperation(server.dialect, operation))
}
