import { Failure } from '../answer/failure.ts'
import type { ImageRecord } from '../records/records.ts'
import type { ServerContext } from './context.ts'

/**
 * Finds an image by a fingerprint or a prefix, as the daemons' `LIKE 'x%'` does (T12): case is ignored, and `%` and
 * `_` are wildcards.
 *
 * @param missing the message of the 404
 * @throws {Failure} 404, or 500 if several match
 */
export function findImage(
  server: ServerContext,
  project: string,
  prefix: string,
  missing = 'Image not found',
): ImageRecord {
  const pattern = likePattern(prefix)
  const matches = server.images
    .values()
    .filter((image) => image.project === project && pattern.test(image.fingerprint))
  const [image] = matches
  if (image === undefined) throw new Failure(404, missing)
  if (matches.length > 1) throw new Failure(500, 'More than one image matches')
  return image
}

function likePattern(prefix: string): RegExp {
  const escaped = prefix
    .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    .replaceAll('%', '.*')
    .replaceAll('_', '.')
  return new RegExp(`^${escaped}`, 'is')
}
