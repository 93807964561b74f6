import { messageOf } from '@hyperkit/core/parts'
import { type ImageFiles, inspectImageFiles } from '../disk/image-files.ts'
import type { InspectedFile } from '../disk/inspect-file.ts'
import { detectFormat, formatBytes } from '../integrity/detect-format.ts'
import { withRandomBytes } from '../integrity/random-bytes.ts'
import { findMember } from './find-member.ts'
import { openArchive, TooFarError } from './open-archive.ts'

/** The `metadata.yaml` of an image, as far as it can be read on this side. */
export type ImageMetadata =
  /** Its text, at most 1 MiB, as servers accept it. */
  | { status: 'found'; text: string }
  /** The archive was read to its end mark, and it has none: no server accepts such an image. */
  | { status: 'missing' }
  /**
   * `why` completes the sentence "metadata.yaml cannot be read: …"; a server may still find it. `isTooFar`: the first 64 MiB were read, and
   * it is not there.
   */
  | { status: 'unread'; why: string; isTooFar: boolean }

/** Options of {@link readMetadataYaml}. */
export interface ReadMetadataOptions {
  signal?: AbortSignal | undefined
}

/** Bytes of the decompressed archive. */
const searched = 64 * 1024 * 1024
const tooFar = 'it is not in the first 64 MiB of the archive'
const largest = 1024 * 1024

/**
 * Reads `metadata.yaml` from the first 64 MiB of an image file, decompressed (tar, gzip, xz, zstd), or of the metadata file of a split image.
 *
 * @throws ArgumentError code `file-unreadable`, naming the path
 *
 * @example
 * ```ts
 * const metadata = await readMetadataYaml('./noble.tar.xz')
 * console.log(metadata.status === 'found' ? metadata.text : metadata.status)
 * ```
 */
export async function readMetadataYaml(
  files: ImageFiles,
  { signal }: ReadMetadataOptions = {},
): Promise<ImageMetadata> {
  const [file] = await inspectImageFiles(files, 'read')
  return file === undefined ? { status: 'missing' } : readMetadataOf(file, signal)
}

/** Does the same with a file that was inspected: the only one of an image, or its metadata file. */
export async function readMetadataOf(
  file: InspectedFile,
  signal: AbortSignal | undefined,
): Promise<ImageMetadata> {
  const unread = (why: string): ImageMetadata => ({ status: 'unread', why, isTooFar: why === tooFar })
  try {
    const size = Math.min(formatBytes, file.size)
    const head = await withRandomBytes(
      file.path,
      file.size,
      async (bytes) => new Uint8Array(await bytes.read(0, size)),
    )
    const format = detectFormat(head)
    if (format === undefined) return unread('the file is not an archive')
    const archive = openArchive(file, format, 'read', searched)
    if (archive === undefined) return unread(`a ${format} file is not decompressed here`)
    const found = await findMember(stoppable(archive, signal), 'metadata.yaml', searched)
    if (found.status === 'missing') return { status: 'missing' }
    if (found.status === 'too-far') return unread(tooFar)
    if (found.status === 'unended') return unread('the archive has no end mark')
    if (found.bytes.byteLength > largest) return unread('it is larger than 1 MiB')
    return { status: 'found', text: new TextDecoder('utf-8', { fatal: true }).decode(found.bytes) }
  } catch (error) {
    signal?.throwIfAborted()
    return unread(error instanceof TooFarError ? tooFar : messageOf(error))
  }
}

async function* stoppable(
  archive: AsyncGenerator<Uint8Array>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  for await (const piece of archive) {
    signal?.throwIfAborted()
    yield piece
  }
}
