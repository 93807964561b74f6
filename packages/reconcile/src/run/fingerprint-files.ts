import { join } from 'node:path'
import type { Progress } from '@hyperkit/core'
import { fingerprintOf } from '@hyperkit/files'
import { formatBytes } from '@hyperkit/terminal/text'
import type { ImageFiles } from '../documents/plan.ts'
import { downloadFolder } from '../sources/download-folder.ts'
import type { Fingerprinter } from '../sources/source-context.ts'

/**
 * Computes the fingerprint of image files from end to end, unless they are unchanged since an earlier run: hashes are kept in
 * `$XDG_CACHE_HOME/hyperkit/fingerprints`.
 */
export const fingerprintFiles: Fingerprinter = (files, signal) => hash(files, signal)

/**
 * The same, with a sentence about each file that takes long.
 *
 * @param after milliseconds until the first sentence; the next ones follow every 10 seconds
 */
export function reportHashing(note: (sentence: string) => Promise<void>, after = 3_000): Fingerprinter {
  return (files, signal) => {
    let due = performance.now() + after
    return hash(files, signal, ({ bytes = 0, totalBytes }) => {
      if (performance.now() < due || totalBytes === undefined || bytes === totalBytes) return
      due = performance.now() + 10_000
      const percent = Math.floor((bytes / totalBytes) * 100)
      void note(`Hashing ${JSON.stringify(nameOf(files))}: ${percent} % of ${formatBytes(totalBytes)}`)
    })
  }
}

function hash(
  files: ImageFiles,
  signal: AbortSignal | undefined,
  onProgress?: (progress: Progress) => void,
): ReturnType<Fingerprinter> {
  const cache = join(downloadFolder(), '..', 'fingerprints')
  return fingerprintOf(files.kind === 'unified' ? files.file : files, { signal, onProgress, cache })
}

function nameOf(files: ImageFiles): string {
  return files.kind === 'unified' ? files.file : files.rootfs
}
