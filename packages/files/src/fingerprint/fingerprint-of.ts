import { createHash } from 'node:crypto'
import { countProgress, type ReportProgress } from '@hyperkit/core/parts'
import { type ImageFiles, inspectImageFiles } from '../disk/image-files.ts'
import type { InspectedFile } from '../disk/inspect-file.ts'
import { readBytes } from '../disk/open-bytes.ts'
import { readHashCache, writeHashCache } from './hash-cache.ts'
import { recallHash, rememberHash } from './recall-hash.ts'

/** Options of {@link fingerprintOf}. */
export interface FingerprintOptions {
  signal?: AbortSignal | undefined
  /** Called with progress of the stage `fingerprint`. */
  onProgress?: ReportProgress | undefined
  /**
   * A directory in which hashes are kept between processes, so that an unchanged file is not hashed again. A file that was changed less than
   * 2 seconds before is always hashed. @default none
   */
  cache?: string | undefined
  /** Whether `cache` is written to; if not, it is only read. @default true */
  isKept?: boolean | undefined
}

/** The result of {@link fingerprintOf}. */
export interface Fingerprint {
  /** SHA-256 of the file, or of metadata followed by rootfs: 64 hex. */
  fingerprint: string
  /** Bytes of the file, or of both files together. */
  size: number
}

/**
 * Computes the fingerprint that a server will give to an image file, or to the two files of a split image.
 *
 * @throws ArgumentError code `file-unreadable`, naming the path: missing, not readable, empty, a directory, not a regular
 * file, or changed while it was read
 *
 * @example
 * ```ts
 * const { fingerprint } = await fingerprintOf('./noble.tar.xz')
 * ```
 */
export async function fingerprintOf(
  files: ImageFiles,
  options: FingerprintOptions = {},
): Promise<Fingerprint> {
  return hashFiles(await inspectImageFiles(files, 'read'), 'read', options)
}

/** Computes the fingerprint of inspected files. */
export async function hashFiles(
  files: readonly InspectedFile[],
  action: string,
  options: FingerprintOptions,
): Promise<Fingerprint> {
  const { signal, onProgress, cache, isKept = true } = options
  signal?.throwIfAborted()
  const size = files.reduce((sum, file) => sum + file.size, 0)
  const count = countProgress('fingerprint', size, onProgress)
  const begun = Date.now()
  const known =
    recallHash(files) ?? (cache === undefined ? undefined : await readHashCache(cache, files, isKept))
  if (known !== undefined) {
    rememberHash(files, known)
    count(size)
    return { fingerprint: known, size }
  }
  const hash = createHash('sha256')
  for (const file of files) {
    await readBytes(file, action, signal, (bytes) => {
      hash.update(bytes)
      count(bytes.byteLength)
    })
  }
  const fingerprint = hash.digest('hex')
  rememberHash(files, fingerprint)
  if (cache !== undefined && isKept) await writeHashCache(cache, files, fingerprint, begun)
  return { fingerprint, size }
}
