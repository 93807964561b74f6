import { type CatalogueImage, toCatalogueImage } from './catalogue-image.ts'
import { listImages } from './list-images.ts'
import type { Settings } from './settings.ts'

/** The public image with this whole fingerprint, asked anew: one that was made private just now is not there any more. */
export async function findImage(
  settings: Settings,
  fingerprint: string,
): Promise<CatalogueImage | undefined> {
  const image = await settings.client.images.find(fingerprint)
  return image && toCatalogueImage(image)
}

/**
 * The whole fingerprint of which the beginning is given. Only public images are looked through: what a server says of a
 * beginning that a private image has, too, would tell that there is one.
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
