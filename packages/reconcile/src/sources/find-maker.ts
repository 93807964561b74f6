import { imageOn } from '../manifest/image-on.ts'
import type { Manifest, ManifestImage } from '../manifest/manifest.ts'

/**
 * The image of the manifest that an alias on a server belongs to. Others copy what the alias will point at after this run, not
 * what it points at before. An image that the run does not include is ignored.
 *
 * @param targets the images that the run includes; empty: all
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
