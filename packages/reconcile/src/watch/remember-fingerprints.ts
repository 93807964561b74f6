import { HyperkitError } from '@hyperkit/core'
import type { ImageFiles } from '../documents/plan.ts'
import type { Fingerprinter } from '../sources/source-context.ts'
import { isSame, signFiles } from './sign-file.ts'

export interface RememberFingerprintsOptions {
  /** Reads files for good. */
  read: Fingerprinter
  /** What `signFile` said of a file when it had stayed as it is; undefined where that is not known. */
  settled(path: string): string | undefined
  /** Told why files count as they were before; undefined when they count as they are again. */
  onStale(files: string, why: string | undefined): void
}

interface Known {
  signs: ReadonlyMap<string, string>
  content: Awaited<ReturnType<Fingerprinter>>
}

/**
 * Reads files again only when they are others than at the last time. Files that are gone meanwhile, or being written, count
 * as they were when they were last read: what the servers have of them stays as it is, and nothing half is sent.
 */
export function rememberFingerprints({ read, settled, onStale }: RememberFingerprintsOptions): Fingerprinter {
  const known = new Map<string, Known>()
  return async (files, signal) => {
    const paths = pathsOf(files)
    const key = paths.join('", "')
    const signs = await signFiles(paths)
    const old = known.get(key)
    const stay = (why: string | undefined): void => onStale(key, why)
    if (old !== undefined) {
      const why = isSame(old.signs, signs) ? undefined : explainStale(signs, settled)
      if (why !== undefined || isSame(old.signs, signs)) {
        stay(why)
        return old.content
      }
    }
    const content = await read(files, signal)
    if (isSame(await signFiles(paths), signs)) {
      known.set(key, { signs, content })
      stay(undefined)
      return content
    }
    if (old === undefined)
      throw new HyperkitError('file-unreadable', `Cannot read "${key}": it was changed while it was read`)
    stay('it is being written')
    return old.content
  }
}

function explainStale(
  signs: ReadonlyMap<string, string>,
  settled: RememberFingerprintsOptions['settled'],
): string | undefined {
  for (const [path, sign] of signs) {
    if (sign === 'missing') return 'it does not exist'
    const last = settled(path)
    if (last !== undefined && last !== sign) return 'it is being written'
  }
  return undefined
}

function pathsOf(files: ImageFiles): string[] {
  return files.kind === 'unified' ? [files.file] : [files.metadata, files.rootfs]
}
