import type { Image } from '@hyperkit/core'

/** The public facts of an image. It omits the update source, profiles, project and last use. */
export interface CatalogueImage {
  fingerprint: string
  aliases: { name: string; description: string }[]
  properties: Record<string, string>
  architecture: string
  type: 'container' | 'virtual-machine'
  /** Bytes. */
  size: number
  /** ISO 8601. */
  createdAt?: string
  uploadedAt?: string
  expiresAt?: string
}

/** Undefined for an image that is not public: with a token the server shows those too. */
export function toCatalogueImage(image: Image): CatalogueImage | undefined {
  if (!image.public) return undefined
  return {
    fingerprint: image.fingerprint,
    aliases: image.aliases.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    properties: image.properties,
    architecture: image.architecture,
    type: image.type,
    size: image.size,
    ...times(image),
  }
}

function times(image: Image): Pick<CatalogueImage, 'createdAt' | 'uploadedAt' | 'expiresAt'> {
  const { createdAt, uploadedAt, expiresAt } = image
  return {
    ...(createdAt && { createdAt: createdAt.toISOString() }),
    ...(uploadedAt && { uploadedAt: uploadedAt.toISOString() }),
    ...(expiresAt && { expiresAt: expiresAt.toISOString() }),
  }
}

/** The name that visitors see. */
export function titleOf({ aliases, properties, fingerprint }: CatalogueImage): string {
  const { description, os, release, variant } = properties
  const made = [os, release, variant].filter(Boolean).join(' ')
  return aliases[0]?.name || description || made || fingerprint.slice(0, 12)
}

/** The text that a search looks through, in lower case. */
export function searchTextOf(image: CatalogueImage): string {
  const aliases = image.aliases.flatMap(({ name, description }) => [name, description])
  return [...aliases, ...Object.values(image.properties), image.architecture, image.type, image.fingerprint]
    .join(' ')
    .toLowerCase()
}
