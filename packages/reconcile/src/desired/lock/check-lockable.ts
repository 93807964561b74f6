import { HyperkitError } from '@hyperkit/core'
import type { Manifest } from '../../manifest/manifest.ts'
import { lockableImages } from './lockable-images.ts'

/**
 * Checks that each image that would be locked has a name of its own: the lock file has one source for each name.
 *
 * @throws {HyperkitError} `invalid-configuration` if two entries share a name and one of them would be locked
 */
export function checkLockable(manifest: Manifest): void {
  for (const image of lockableImages(manifest)) {
    const { name } = image
    const twin = manifest.images.find((each) => each.name === name && each !== image)
    if (twin !== undefined)
      throw new HyperkitError(
        'invalid-configuration',
        `Cannot lock image "${name}" of "${manifest.file}": it is declared for ${image.servers.join(', ')} and again for ${twin.servers.join(', ')}, but a lock file has one source for each name; rename one of them, or do without the lock file`,
      )
  }
}
