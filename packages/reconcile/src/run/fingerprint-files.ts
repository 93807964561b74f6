import type { Progress } from '@hyperkit/core'
import { fingerprintOf } from '@hyperkit/files'
import { formatBytes } from '@hyperkit/terminal/text'
import type { ImageFiles } from '../documents/plan.ts'
import { fingerprintFolder } from '../sources/download-folder.ts'
import type { Fingerprinter } from '../sources/source-context.ts'

/** How {@link createFingerprinter} hashes. */
export interface FingerprinterOptions {
  /** Whether the hashes are for a dry run, which keeps none. @default false */
  isDry?: boolean | undefined
  /** Called with a sentence about each file that takes long. */
  note?: ((sentence: string) => Promise<void>) | undefined
  /** Milliseconds until the first sentence; the next ones follow every 10 seconds. @default 3000 */
  after?: number | undefined
}

/**
 * Returns a function that computes the fingerprint of image files from end to end, unless they are unchanged since an earlier run: hashes
 * are kept in `$XDG_CACHE_HOME/hyperkit/fingerprints`.
 */
export function createFingerprinter({
  isDry = false,
  note,
  after = 3_000,
}: FingerprinterOptions = {}): Fingerprinter {
  return (files, signal) => {
    let due = performance.now() + after
    const onProgress = ({ bytes = 0, totalBytes }: Progress): void => {
      if (performance.now() < due || totalBytes === undefined || bytes === totalBytes) return
      due = performance.now() + 10_000
      const percent = Math.floor((bytes / totalBytes) * 100)
      void note?.(`Hashing ${JSON.stringify(nameOf(files))}: ${percent} % of ${formatBytes(totalBytes)}`)
    }
    const options = { signal, onProgress, cache: fingerprintFolder(), isKept: !isDry }
    return fingerprintOf(files.kind === 'unified' ? files.file : files, options)
  }
}

/** Computes fingerprints as {@link createFingerprinter} does, and says nothing. */
export const fingerprintFiles: Fingerprinter = createFingerprinter()

function nameOf(files: ImageFiles): string {
  return files.kind === 'unified' ? files.file : files.rootfs
}
