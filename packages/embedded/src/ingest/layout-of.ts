import { detectCompression } from '../archive/detect-compression.ts'
import { readHeader } from '../archive/read-header.ts'
import type { ImageLayout } from '../records/records.ts'
import type { IncomingImage } from './incoming-image.ts'

/** How the image is stored. The rootfs of a split image may be any file, so it may have no extension. */
export async function layoutOf(
  incoming: IncomingImage,
  extension: string,
  lz4: boolean,
): Promise<ImageLayout> {
  const { rootfs } = incoming
  if (rootfs === undefined) return { kind: 'unified', extension }
  const rootfsExtension = detectCompression(await readHeader(rootfs.blob), lz4)?.extension ?? ''
  return { kind: 'split', extension, rootfsExtension, rootfsPart: rootfs.part }
}
