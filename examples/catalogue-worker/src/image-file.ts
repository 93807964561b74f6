import { type CatalogueImage, titleOf } from './catalogue-image.ts'

/** Which file of an image: the only one of a unified image, or one of the two of a split one. */
export type ImageFile = 'download' | 'metadata' | 'rootfs'

/**
 * The header that names the file on the visitor's disk: by the alias, the fingerprint and the server's ending; nothing is
 * left in it that a header or a path could trip over.
 */
export function disposition(image: CatalogueImage, filename: string | undefined, part = ''): string {
  const name = titleOf(image)
    .replace(/[^A-Za-z0-9.]+/g, '-')
    .replace(/^[-.]+|[-.]+$/g, '')
    .slice(0, 60)
  const ending = /(?:\.[A-Za-z0-9]{1,8}){1,2}$/.exec(filename ?? '')?.[0] ?? ''
  const stem = [name, image.fingerprint.slice(0, 12), part].filter(Boolean).join('-')
  return `attachment; filename="${stem}${ending}"`
}
