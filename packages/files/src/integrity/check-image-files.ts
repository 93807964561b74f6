import { readFailure } from '../disk/disk-failure.ts'
import { type ImageFiles, inspectImageFiles } from '../disk/image-files.ts'
import type { InspectedFile } from '../disk/inspect-file.ts'
import { readStateCache, writeStateCache } from '../disk/state-cache.ts'
import { DamagedFileError } from './damaged-file-error.ts'
import { describeHead } from './describe-head.ts'
import { type FileFormat, isFileFormat } from './detect-format.ts'
import { findDamage } from './find-damage.ts'
import { recallFormat, rememberFormat } from './recall-format.ts'

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
 * Checks that each file is an image file and complete: it has a format that servers take, it is not in the place of the other file
 * of a split image, and it ends where its format says. Servers store an incomplete file, and instances made from it fail later.
 *
 * For xz, bzip2 and squashfs only the beginning and the end are read, and for qcow2 also the tables. In a zstd file and a tar, the
 * sizes of all parts are followed. A gzip file is decompressed, because its end does not show if it is complete. The files inside
 * the archive are not checked.
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
  await refuseDamaged(await inspectImageFiles(files, 'read'), 'use', options)
}

/** Does the same with files that were inspected. */
export async function refuseDamaged(
  [first, second]: readonly InspectedFile[],
  action: string,
  options: CheckImageFilesOptions,
): Promise<void> {
  if (first === undefined) return
  const format = await findFormat(first, action, options)
  const refuse = (reason: string): Error => new DamagedFileError(first.path, action, reason)
  if (second === undefined) {
    if (format === 'qcow2') throw refuse('it is a disk image; a virtual machine needs its metadata file too')
    return
  }
  const formatOfSecond = await findFormat(second, action, options)
  if (isDisk(format) && !isDisk(formatOfSecond))
    throw refuse(`it is a ${format}, not metadata; give the metadata file before the root file system`)
}

function isDisk(format: FileFormat): boolean {
  return format === 'squashfs' || format === 'qcow2'
}

/** @throws DamagedFileError if the file has none of the formats that servers take, or is not complete */
async function findFormat(
  file: InspectedFile,
  action: string,
  { signal, cache, isKept = true }: CheckImageFilesOptions,
): Promise<FileFormat> {
  const kept = cache === undefined ? undefined : ({ directory: cache, kind: 'format' } as const)
  const known = recallFormat(file) ?? (kept && (await readStateCache(kept, [file], isKept)))
  if (isFileFormat(known)) return known
  const begun = Date.now()
  const { format, damage, head } = await findDamage(file.path, file.size, signal).catch((error: unknown) => {
    if (signal?.aborted) throw signal.reason
    throw readFailure(file.path, action, error)
  })
  if (format === undefined) {
    const advice = '; an image file is a tar (compressed or not), a squashfs or a qcow2'
    throw new DamagedFileError(file.path, action, describeHead(head), advice)
  }
  if (damage !== undefined)
    throw new DamagedFileError(file.path, action, damage, '; build or copy the file again')
  rememberFormat(file, format, begun)
  if (kept !== undefined && isKept) await writeStateCache(kept, [file], format, begun)
  return format
}
