import type { ImageFiles } from '../disk/image-files.ts'
import { inspectFile } from '../disk/inspect-file.ts'
import { type Fingerprint, fingerprintOf } from '../fingerprint/fingerprint-of.ts'
import type { Places } from './places.ts'

export type Found = { kind: 'unified'; path: string; size: number } | FoundSplit

interface FoundSplit {
  kind: 'split'
  metadata: string
  rootfs: string
  size: number
}

/** Finds a file, or two, with exactly this content under a name that the image would get. */
export async function findSaved(
  places: Places,
  fingerprint: string,
  signal: AbortSignal | undefined,
): Promise<Found | undefined> {
  for (const path of places.unifiedBefore) {
    const found = await hashIfThere(path, [path], signal)
    if (found?.fingerprint === fingerprint) return { kind: 'unified', path, size: found.size }
  }
  for (const { metadata, rootfs } of places.splitBefore) {
    const found = await hashIfThere({ metadata, rootfs }, [metadata, rootfs], signal)
    if (found?.fingerprint === fingerprint) return { kind: 'split', metadata, rootfs, size: found.size }
  }
  return undefined
}

async function hashIfThere(
  files: ImageFiles,
  paths: readonly string[],
  signal: AbortSignal | undefined,
): Promise<Fingerprint | undefined> {
  for (const path of paths) {
    // A file that cannot be read does not count as the image. If it cannot be replaced either, saving reports that.
    if ((await inspectFile(path, 'read').catch(() => undefined)) === undefined) return undefined
  }
  try {
    return await fingerprintOf(files, { signal })
  } catch (error) {
    if (signal?.aborted) throw error
    return undefined
  }
}
