import type { ImageType } from '@hyperkit/core'
import { type ImageFiles, inspectImageFiles } from '../disk/image-files.ts'
import type { InspectedFile } from '../disk/inspect-file.ts'
import { DamagedFileError } from '../integrity/damaged-file-error.ts'
import type { FileFormat } from '../integrity/detect-format.ts'
import { findFormat } from '../integrity/find-format.ts'
import { type ImageMetadata, readMetadataOf } from './read-metadata-yaml.ts'

/** Options of {@link checkImageFiles}. */
export interface CheckImageFilesOptions {
  signal?: AbortSignal | undefined
  /**
   * A directory in which it is kept between processes that a file is complete, so that an unchanged file is not checked again.
   * @default none
   */
  cache?: string | undefined
  /** Whether `cache` is written to; if not, it is only read. @default true */
  isKept?: boolean | undefined
}

/**
 * Checks that files make up an image: each has a format that servers take, and ends where its format says; the first one holds
 * `metadata.yaml`; the files of a split image are in their order, and the root file system fits the given type. Servers store an
 * incomplete file, and instances made from it fail later.
 *
 * For xz, bzip2 and squashfs only the beginning and the end are read, and for qcow2 also the tables. In a zstd file and a tar, the
 * sizes of all parts are followed. A gzip file is decompressed, because its end does not show if it is complete. `metadata.yaml` is
 * looked for in the first 64 MiB of a tar, gzip, xz or zstd file; beyond that, and in other formats, nobody knows, so the file passes. No
 * other files inside the archive are checked.
 *
 * @throws DamagedFileError naming the path and what is wrong
 * @throws ArgumentError code `file-unreadable`, naming the path
 *
 * @example
 * ```ts
 * await checkImageFiles({ metadata: './meta.tar.xz', rootfs: './disk.qcow2' })
 * ```
 */
export async function checkImageFiles(
  files: ImageFiles,
  options: CheckImageFilesOptions = {},
): Promise<void> {
  const type = typeof files === 'string' ? undefined : files?.type
  await refuseUnfit(await inspectImageFiles(files, 'read'), { ...options, action: 'use', type })
}

/** How files that were inspected are checked. */
export interface RefuseUnfitOptions extends CheckImageFilesOptions {
  /** Completes the sentence "Cannot …". */
  action: string
  /** The type that a split image is said to have. */
  type: ImageType | undefined
}

/**
 * Does the same with files that were inspected.
 *
 * @returns what was read of their metadata, so that nobody need decompress the archive again
 */
export async function refuseUnfit(
  [first, second]: readonly InspectedFile[],
  { action, type, ...options }: RefuseUnfitOptions,
): Promise<ImageMetadata> {
  if (first === undefined) return { status: 'missing' }
  const refuse = (file: InspectedFile, reason: string, advice = ''): Error =>
    new DamagedFileError(file.path, action, reason, advice)
  const format = await findFormat(first, action, options)
  if (second === undefined) {
    if (format === 'qcow2')
      throw refuse(first, 'it is a disk image; a virtual machine needs its metadata file too')
  } else {
    const formatOfSecond = await findFormat(second, action, options)
    if (isDisk(format) && !isDisk(formatOfSecond))
      throw refuse(
        first,
        `it is a ${format}, not metadata; give the metadata file before the root file system`,
      )
    const other = explainType(formatOfSecond, type)
    if (other !== undefined) throw refuse(second, other)
  }
  const metadata = await readMetadataOf(first, options.signal)
  if (metadata.status === 'found' || (metadata.status === 'unread' && !metadata.isTooFar)) return metadata
  if (second !== undefined && (await readMetadataOf(second, options.signal)).status === 'found')
    throw refuse(
      first,
      `metadata.yaml is in ${JSON.stringify(second.path)} instead`,
      '; give the metadata file before the root file system',
    )
  if (metadata.status === 'unread') return metadata
  const advice =
    second === undefined
      ? '; if it is a root file system, give its metadata file before it'
      : '; give the archive that holds it'
  throw refuse(first, 'it holds no metadata.yaml', advice)
}

function isDisk(format: FileFormat): boolean {
  return format === 'squashfs' || format === 'qcow2'
}

/** Why a root file system does not fit the type; undefined if it does. */
function explainType(format: FileFormat, type: ImageType | undefined): string | undefined {
  if (type === undefined || (type === 'virtual-machine') === (format === 'qcow2')) return undefined
  return type === 'container'
    ? 'it is a qcow2, the disk of a virtual machine, but the type "container" was given'
    : `it is a ${format}, but the type "virtual-machine" was given, whose disk is a qcow2`
}
