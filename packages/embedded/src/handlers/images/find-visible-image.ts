import { Failure } from '../../answer/failure.ts'
import type { Call } from '../../call/context.ts'
import { findImage } from '../../call/find-image.ts'
import { imagesProject } from '../../call/images-project.ts'
import { fill } from '../../dialect/fill.ts'
import type { ImageRecord } from '../../records/records.ts'
import { mayWith } from '../../trust/rights.ts'
import { checkImageId } from './check-image-id.ts'
import { useSecret } from './use-secret.ts'

/**
 * The image of a GET or an export, if the peer may see it or its `?secret=` opens it. For an untrusted client a private
 * image is missing.
 */
export function findVisibleImage(call: Call): ImageRecord {
  const { server, peer } = call
  const { dialect } = server
  const [prefix = ''] = call.params
  checkImageId(dialect, prefix)
  const missing = fill(dialect.missingImage, prefix)
  const secret = call.query.get('secret') ?? ''
  const isForeign = !peer.trusted && secret === '' && call.project !== 'default'
  if (isForeign && !dialect.untrustedForeignImage) throw new Failure(404, missing)
  const image = find(call, prefix, missing)
  const opened = secret !== '' && useSecret(server, image, secret)
  const url = `/1.0/images/${image.fingerprint}`
  if (image.public || opened || mayWith(peer, 'can_view_images', call.project, url)) return image
  // LXD 5.0 shows the whole fingerprint of a prefix even to untrusted clients.
  const named = `Image "${image.fingerprint}" not found`
  throw new Failure(404, dialect.revealsFingerprint ? named : missing)
}

/** Reports a missing image even if the project is missing. */
function find(call: Call, prefix: string, missing: string): ImageRecord {
  const { dialect } = call.server
  try {
    return findImage(call.server, imagesProject(call), prefix, missing)
  } catch (error) {
    const isMissing = error instanceof Failure && error.status === 404
    throw isMissing && dialect.missingProjectIsImage ? new Failure(404, missing) : error
  }
}
