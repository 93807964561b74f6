import { checkBzip2 } from './check-bzip2.ts'
import { checkGzip } from './check-gzip.ts'
import { checkQcow2 } from './check-qcow2.ts'
import { checkSquashfs } from './check-squashfs.ts'
import { checkTar } from './check-tar.ts'
import { checkXz } from './check-xz.ts'
import { checkZstd } from './check-zstd.ts'
import { detectFormat, type FileFormat, formatBytes } from './detect-format.ts'
import { type RandomBytes, withRandomBytes } from './random-bytes.ts'

/** What a file is, and what is wrong with it. */
export interface FileFindings {
  /** Undefined if it has none of the formats that servers take. */
  format: FileFormat | undefined
  /** Why the file is not whole; undefined if it is, or if its format does not tell. */
  damage: string | undefined
  /** The first bytes. */
  head: Uint8Array
}

type Check = (bytes: RandomBytes, signal: AbortSignal | undefined) => Promise<string | undefined>

// lz4 and lzma are not judged: their ends do not tell.
const checks: Partial<Record<FileFormat, Check>> = {
  bzip2: checkBzip2,
  gzip: checkGzip,
  qcow2: checkQcow2,
  squashfs: checkSquashfs,
  tar: checkTar,
  xz: checkXz,
  zstd: checkZstd,
}

/**
 * Finds out whether a file has one of the formats that servers take, and whether it is complete: a build may still be writing it, and
 * a copy may have broken off.
 */
export async function findDamage(
  path: string,
  size: number,
  signal: AbortSignal | undefined,
): Promise<FileFindings> {
  return withRandomBytes(path, size, async (bytes) => {
    const head = new Uint8Array(await bytes.read(0, Math.min(formatBytes, size)))
    const format = detectFormat(head)
    const check = format === undefined ? undefined : checks[format]
    return { format, damage: await check?.(bytes, signal), head }
  })
}
