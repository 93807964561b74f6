import { type CatalogueImage, toCatalogueImage } from './catalogue-image.ts'
import { listImages } from './list-images.ts'
import type { Settings } from './settings.ts'

/** The public image with this whole fingerprint. The server is always asked, because the image may have been made private. */
export async function findImage(
  settings: Settings,
  fingerprint: string,
): Promise<CatalogueImage | undefined> {
  const image = await settings.client.images.find(fingerprint)
  return image && toCatalogueImage(image)
}

/**
 * The whole fingerprint for a prefix. Only public images are searched, because the server's answer to a prefix that a private
 * image also has would reveal that image.
 */
export async function expandFingerprint(settings: Settings, beginning: string): Promise<string | undefined> {
  const { images } = await listImages(settings)
  const [only, another] = images.filter(({ fingerprint }) => fingerprint.startsWith(beginning))
  return another === undefined ? only?.fingerprint : undefined
}

/** The fingerprint behind an alias of a public image. */
export async function resolveAlias(settings: Settings, name: string): Promise<string | undefined> {
  const { images } = await listImages(settings)
  return images.find(({ aliases }) => aliases.some((alias) => alias.name === name))?.fingerprint
}
