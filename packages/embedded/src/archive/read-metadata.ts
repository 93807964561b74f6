import { messageOf } from '@hyperkit/core/parts'
import type { Dialect } from '../dialect/dialect.ts'
import type { ImageType } from '../records/records.ts'
import type { StoredBlob } from '../store/store.ts'
import { type Compression, detectCompression } from './detect-compression.ts'
import { type ImageMetadata, parseMetadata } from './parse-metadata.ts'
import { readHeader } from './read-header.ts'
import { readTar, type TarEntry } from './read-tar.ts'
import { unpack } from './unpack.ts'

export interface ArchiveMetadata extends ImageMetadata {
  /** The form of the rootfs in the archive; `undefined` if it has none. */
  type: ImageType | undefined
  /** Extension of the archive, with its dot. */
  extension: string
}

/**
 * Reads metadata.yaml out of an image archive. Stops as soon as it knows that and the type, so that truncation
 * after them is not noticed, as on the daemons.
 *
 * @throws {Error} with the words of the daemons
 */
export async function readMetadata(blob: StoredBlob, dialect: Dialect): Promise<ArchiveMetadata> {
  if (blob.size === 0) throw new Error('EOF')
  const compression = detectCompression(await readHeader(blob), dialect.lz4)
  if (compression === undefined) throw new Error('Unsupported compression')
  const { metadata, type } = await scan(blob, compression)
  if (metadata === undefined) throw new Error('Metadata tarball is missing metadata.yaml')
  if (Buffer.byteLength(metadata) > 1024 * 1024) throw new Error(dialect.metadataTooLarge)
  return { ...parseMetadata(metadata, dialect), type, extension: compression.extension }
}

async function scan(
  blob: StoredBlob,
  compression: Compression,
): Promise<{ metadata: string | undefined; type: ImageType | undefined }> {
  let metadata: string | undefined
  let type: ImageType | undefined
  for await (const entry of readTar(unpack(blob.read(), compression))) {
    const name = entry.name.replace(/^\.\//, '')
    if (name === 'metadata.yaml') metadata = await readText(entry)
    else if (name.startsWith('rootfs/')) type = 'container'
    else if (name === 'rootfs.img') type = 'virtual-machine'
    if (metadata !== undefined && type !== undefined) break
  }
  return { metadata, type }
}

/** The daemons pass the rest of the stream to their YAML parser, which reports an early end. */
async function readText(entry: TarEntry): Promise<string> {
  try {
    return Buffer.from(await entry.read()).toString('utf8')
  } catch (cause) {
    throw new Error(`yaml: input error: ${messageOf(cause)}`, { cause })
  }
}
