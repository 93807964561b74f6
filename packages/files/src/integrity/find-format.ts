import { readFailure } from '../disk/disk-failure.ts'
import type { InspectedFile } from '../disk/inspect-file.ts'
import { readStateCache, writeStateCache } from '../disk/state-cache.ts'
import { DamagedFileError } from './damaged-file-error.ts'
import { describeHead } from './describe-head.ts'
import { type FileFormat, isFileFormat } from './detect-format.ts'
import { findDamage } from './find-damage.ts'
import { recallFormat, rememberFormat } from './recall-format.ts'

/** Options of {@link findFormat}. */
export interface FindFormatOptions {
  signal?: AbortSignal | undefined
  /** A directory in which it is kept between processes that a file is complete. @default none */
  cache?: string | undefined
  /** Whether `cache` is written to; if not, it is only read. @default true */
  isKept?: boolean | undefined
}

/**
 * The format of a complete image file.
 *
 * @throws DamagedFileError if the file has none of the formats that servers take, or is not complete
 */
export async function findFormat(
  file: InspectedFile,
  action: string,
  { signal, cache, isKept = true }: FindFormatOptions,
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
