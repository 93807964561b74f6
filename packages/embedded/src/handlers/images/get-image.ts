import { syncAnswer } from '../../answer/envelope.ts'
import type { Call } from '../../call/context.ts'
import { findVisibleImage } from './find-visible-image.ts'
import { imageEtag, renderImage } from './render-image.ts'

export function getImage(call: Call): Response {
  const image = findVisibleImage(call)
  return syncAnswer(renderImage(call.server, image), { etag: imageEtag(image) })
}
