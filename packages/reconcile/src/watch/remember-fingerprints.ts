import { HyperkitError } from '@hyperkit/core'
import type { ImageFiles } from '../documents/plan.ts'
import type { Fingerprinter } from '../sources/source-context.ts'
import { isSame, readFileStates } from './read-file-state.ts'

export interface RememberFingerprintsOptions {
  /** Reads the files. */
  read: Fingerprinter
  /** The state of a file, by `readFileState`, when it had last settled; undefined if unknown. */
  settled(path: string): string | undefined
  /** Called with the reason if the last content of files is used instead of their content now; with undefined when that ends. */
  onStale(files: string, why: string | undefined): void
}

interface Known {
  states: ReadonlyMap<string, string>
  content: Awaited<ReturnType<Fingerprinter>>
}

/**
 * Reads files again only if they have changed. Files that are missing or being written keep the fingerprint that they had when
 * they were last read: the images on the servers stay, and no incomplete file is sent.
 */
export function rememberFingerprints({ read, settled, onStale }: RememberFingerprintsOptions): Fingerprinter {
  const known = new Map<string, Known>()
  return async (files, signal) => {
    const paths = pathsOf(files)
    const key = paths.join('", "')
    const states = await readFileStates(paths)
    const old = known.get(key)
    const report = (why: string | undefined): void => onStale(key, why)
    if (old !== undefined) {
      const why = isSame(old.states, states) ? undefined : explainStale(states, settled)
      if (why !== undefined || isSame(old.states, states)) {
        report(why)
        return old.content
      }
    }
    const content = await read(files, signal)
    if (isSame(await readFileStates(paths), states)) {
      known.set(key, { states, content })
      report(undefined)
      return content
    }
    if (old === undefined)
      throw new HyperkitError('file-unreadable', `Cannot read "${key}": it was changed while it was read`)
    report('it is being written')
    return old.content
  }
}

function explainStale(
  states: ReadonlyMap<string, string>,
  settled: RememberFingerprintsOptions['settled'],
): string | undefined {
  for (const [path, state] of states) {
    if (state === 'missing') return 'it does not exist'
    const last = settled(path)
    if (last !== undefined && last !== state) return 'it is being written'
  }
  return undefined
}

function pathsOf(files: ImageFiles): string[] {
  return files.kind === 'unified' ? [files.file] : [files.metadata, files.rootfs]
}
