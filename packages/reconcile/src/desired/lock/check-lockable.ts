import { HyperkitError } from '@hyperkit/core'
import type { Manifest } from '../../manifest/manifest.ts'
import { lockableImages } from './note-lockable.ts'

/**
 * A lock knows one source by a name.
 *
 * @throws {HyperkitError} `invalid-configuration` where another entry has the name of one that would be locked
 */
export function checkLockable(manifest: Manifest): void {
  for (const image of lockableImages(manifest)) {
    const { name } = image
    const twin = manifest.images.find((each) => each.name === name && each !== image)
    if (twin !== undefined)
      throw new HyperkitError(
        'invalid-configuration',
        `Cannot lock image "${name}" of "${manifest.file}": it stands there for ${image.servers.join(', ')} and again for ${twin.servers.join(', ')}, and a lock knows one source by a name; give one of them a name of its own, or do without the lock`,
      )
  }
}
