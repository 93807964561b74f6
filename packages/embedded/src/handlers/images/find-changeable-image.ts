import type { Call } from '../../call/context.ts'
import { findImage } from '../../call/find-image.ts'
import { imagesProject } from '../../call/images-project.ts'
import { fill } from '../../dialect/fill.ts'
import type { ImageRecord } from '../../records/records.ts'
import { checkImageId } from './check-image-id.ts'

/**
 * Finds the image in the path of a call that changes it.
 *
 * @throws {Failure} 400 or 404 in the words of the dialect (T67)
 */
export function findChangeableImage(call: Call): ImageRecord {
  const { dialect } = call.server
  const id = call.params[0] ?? ''
  checkImageId(dialect, id)
  return findImage(call.server, imagesProject(call), id, fill(dialect.missingImageToChange, call.project))
}
