import { Failure } from '../../answer/failure.ts'
import { findImage } from '../../records/find-image.ts'
import { imagesProject } from '../../records/images-project.ts'
import type { ImageRecord } from '../../records/records.ts'
import type { Call } from '../../server/context.ts'
import { useSecret } from './use-secret.ts'

/**
 * The image of a GET or an export: what the peer may see, or what its `?secret=` opens. A private image is a missing
 * one to a stranger.
 */
export function findVisibleImage(call: Call): ImageRecord {
  const { server, peer } = call
  const [prefix = ''] = call.params
  const { dialect } = server
  const quoted = (name: string) => new Failure(404, `Image "${name}" not found`)
  try {
    const project = imagesProject(call)
    const image = findImage(server, project, prefix)
    const secret = call.query.get('secret')
    const opened = secret !== null && secret !== '' && useSecret(server, image, secret)
    if (!image.public && !opened && !peer.trusted) {
      throw quoted(dialect.revealsFingerprint ? image.fingerprint : prefix)
    }
    return image
  } catch (error) {
    if (dialect.quotesMissingImage && error instanceof Failure && error.status === 404) throw quoted(prefix)
    throw error
  }
}
