import { dirname, resolve } from 'node:path'
import { type Client, HyperkitError } from '@hyperkit/core'
import { fingerprintOf } from '@hyperkit/files'
import type { Desired } from '../desired/desired.ts'
import { checkLockable } from '../desired/lock/check-lockable.ts'
import { compareLockfile } from '../desired/lock/compare-lockfile.ts'
import type { ReadLockfile, SourceContent } from '../desired/lock/lockfile.ts'
import { lockfilePath } from '../desired/lock/lockfile-path.ts'
import { lockableImages, lockedSources, noteLockable } from '../desired/lock/note-lockable.ts'
import { pinSources } from '../desired/lock/pin-sources.ts'
import { readLockfile } from '../desired/lock/read-lockfile.ts'
import { resolveDesired } from '../desired/resolve-desired.ts'
import type { LockedSource } from '../documents/lock-file.ts'
import type { ImageFiles } from '../documents/plan.ts'
import type { Manifest } from '../manifest/manifest.ts'
import { ManifestError } from '../manifest/manifest-error.ts'
import type { Fingerprinter } from '../sources/source-context.ts'
import type { OpenOptions } from '../sources/wrap-transport.ts'
import { hideSecrets } from './hide-secrets.ts'

/** Options of {@link resolveLocked}. */
export interface ResolveLockedOptions extends OpenOptions {
  signal: AbortSignal
  /** Of the manifest: they say where its lock is. */
  paths: readonly string[]
  /** Refuse what is not as it was locked. */
  frozen: boolean
  /** Told, in a sentence, of a lock that differs where that is no error. */
  note(sentence: string): Promise<void>
  /** A client for a server of the manifest: some sources are on them, none of which is locked. */
  open?: (server: string) => Promise<Client>
  /** How files are read. @default each time, from end to end */
  fingerprint?: Fingerprinter | undefined
  /** Images to publish although they were published before. */
  republish?: readonly string[]
  /** Images that the run is about; empty: all. */
  targets?: readonly string[]
}

/**
 * What the manifest wants, held against its lock. A lock file is nobody's duty: without one there is nothing to say.
 *
 * @param whole the manifest
 * @param part what of it is looked at
 * @throws {ManifestError} frozen, with every difference
 */
export async function resolveLocked(
  whole: Manifest,
  part: Manifest,
  { paths, frozen, note, fingerprint: hash = fingerprintFiles, ...reading }: ResolveLockedOptions,
): Promise<Desired> {
  const path = await lockfilePath(paths)
  const lockfile = await readLockfile(path)
  if (frozen && lockfile === undefined)
    throw new HyperkitError(
      'file-unreadable',
      `Cannot hold "${whole.file}" against its lock: there is no "${path}"; write it with "hyperkit-reconcile update"`,
    )
  if (frozen) checkLockable(whole)
  const fingerprint = frozen ? rememberHashes(hash) : hash
  const found = await resolveDesired(part, { ...reading, fingerprint })
  if (lockfile === undefined) return found
  const moved = frozen ? pinned(part, lockfile, lockableContents(part, found, path), path) : undefined
  const desired = moved === undefined ? found : await resolveDesired(moved, { ...reading, fingerprint })
  const contents = lockableContents(part, desired, path)
  const differences = compareLockfile(lockfile, whole, lockableImages(whole), contents)
  if (differences.length === 0) return desired
  if (frozen) throw new ManifestError(differences)
  const [first, ...others] = differences
  const more = others.length === 0 ? '' : `, and ${others.length} more`
  await note(`Note: "${path}" is not up to date: ${first?.message}${more}; write it with "update"`)
  return desired
}

function pinned(
  part: Manifest,
  lockfile: ReadLockfile,
  contents: readonly SourceContent[],
  path: string,
): Manifest | undefined {
  const sources = [...lockedSources(part, dirname(resolve(path)))].map(
    ([name, source]) => [name, hideIn(source, part)] as const,
  )
  return pinSources(part, lockfile, contents, new Map(sources))
}

/** Files are read from end to end once, though their manifest is looked at twice. */
function rememberHashes(hash: Fingerprinter): Fingerprinter {
  const known = new Map<string, ReturnType<Fingerprinter>>()
  return (files, signal) => {
    const key = JSON.stringify(files)
    const result = known.get(key) ?? hash(files, signal)
    known.set(key, result)
    return result
  }
}

function hideIn({ kind, from }: LockedSource, { secrets }: Manifest): LockedSource {
  return { kind, from: hideSecrets(from, secrets) }
}

/** What can be written to the lock at a path: without the values of secret variables. */
export function lockableContents(manifest: Manifest, desired: Desired, path: string): SourceContent[] {
  return noteLockable(manifest, desired, dirname(resolve(path))).map(({ source, ...content }) => ({
    ...content,
    source: hideIn(source, manifest),
  }))
}

/** Reads image files from end to end, each time. */
export function fingerprintFiles(files: ImageFiles, signal?: AbortSignal): ReturnType<typeof fingerprintOf> {
  return fingerprintOf(files.kind === 'unified' ? files.file : files, { signal })
}
