import { imageOn } from '../manifest/image-on.ts'
import type { Manifest, ManifestImage } from '../manifest/manifest.ts'

/**
 * The image of the manifest that an alias of a server belongs to: what the alias is to mean, and not what it means before
 * this run, is what others copy. An image that the run is not about counts for nothing.
 *
 * @param targets images that the run is about; empty: all
 */
export function findMaker(
  manifest: Manifest,
  server: string,
  alias: string,
  targets: readonly string[] = [],
): ManifestImage | undefined {
  return manifest.images.find((image) => {
    if (!image.servers.includes(server)) return false
    if (targets.length > 0 && !targets.includes(image.name)) return false
    const { aliases } = image.state === 'present' ? imageOn(image, server) : image
    return aliases.some(({ name }) => name === alias)
  })
}
