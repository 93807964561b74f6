import { dirname, resolve } from 'node:path'
import { type Client, HyperkitError } from '@hyperkit/core'
import type { Desired, DesiredServer } from '../desired/desired.ts'
import { checkLockable } from '../desired/lock/check-lockable.ts'
import { collectSourceContents, lockedSources } from '../desired/lock/collect-source-contents.ts'
import { compareLockfile } from '../desired/lock/compare-lockfile.ts'
import { lockableImages } from '../desired/lock/lockable-images.ts'
import type { ReadLockfile, SourceContent } from '../desired/lock/lockfile.ts'
import { lockfilePath } from '../desired/lock/lockfile-path.ts'
import { pinSources } from '../desired/lock/pin-sources.ts'
import { readLockfile } from '../desired/lock/read-lockfile.ts'
import { resolveDesired } from '../desired/resolve-desired.ts'
import { type ArrivingDesired, resolveEach } from '../desired/resolve-each.ts'
import type { LockedSource } from '../documents/lock-file.ts'
import type { Manifest } from '../manifest/manifest.ts'
import { ManifestError, type Problem } from '../manifest/manifest-error.ts'
import { selectServers } from '../manifest/select-servers.ts'
import type { OpenRegistries } from '../sources/open-registries.ts'
import type { Fingerprinter } from '../sources/source-context.ts'
import type { OpenOptions } from '../sources/wrap-transport.ts'
import { fingerprintFiles } from './fingerprint-files.ts'
import { hideSecrets } from './hide-secrets.ts'

/** Options of {@link resolveLocked}. */
export interface ResolveLockedOptions extends OpenOptions {
  signal: AbortSignal
  /** The files and folders of the manifest, which say where its lock file is. */
  paths: readonly string[]
  /** Refuse differences from the lock file. */
  frozen: boolean
  /** Called with a sentence about a lock file that differs, unless that is an error. */
  note(sentence: string): Promise<void>
  /** Called with a sentence if a part of a source was left out. */
  onWarning?: (sentence: string) => void
  /** Opens a client for a server of the manifest, since some sources are on servers. */
  open?: (server: string) => Promise<Client>
  /** How files are hashed. @default files that are unchanged since an earlier run are not read */
  fingerprint?: Fingerprinter | undefined
  /** Images to publish again, even if they were published before. */
  republish?: readonly string[]
  /** Images that the run includes; empty: all. */
  targets?: readonly string[]
  /** The registries of OCI images that this pass asks, also if the sources are resolved twice. @default others each time */
  registries?: OpenRegistries | undefined
  /** The only server whose sources are read, unless the lock file refuses differences. @default all */
  only?: string | undefined
  /** What is known of a server, and not read. */
  kept?: DesiredServer | undefined
}

/**
 * Resolves what the manifest wants, and compares it with the lock file. A lock file is optional.
 *
 * @param whole the whole manifest
 * @param part the part of it that is planned
 * @throws {ManifestError} with `frozen`, with every difference from the lock file
 */
export async function resolveLocked(
  whole: Manifest,
  part: Manifest,
  options: ResolveLockedOptions,
): Promise<Desired> {
  return (await resolveEachLocked(whole, part, options)).whole
}

/**
 * As {@link resolveLocked}, for each server as soon as its own sources were read; but with `frozen` after all of them, since one difference
 * from the lock file refuses the run.
 */
export async function resolveEachLocked(
  whole: Manifest,
  part: Manifest,
  { paths, frozen, note, fingerprint: hash = fingerprintFiles, only, ...reading }: ResolveLockedOptions,
): Promise<ArrivingDesired> {
  const path = await lockfilePath(paths)
  const lockfile = await readLockfile(path)
  if (frozen && lockfile === undefined)
    throw new HyperkitError(
      'file-unreadable',
      `Cannot compare "${whole.file}" with its lock file: "${path}" does not exist; run "update" to write it`,
    )
  if (frozen) checkLockable(whole)
  const fingerprint = frozen ? hashOnce(hash) : hash
  const own = only === undefined || frozen ? part : selectServers(part, [only])
  const found = await resolveEach(own, { ...reading, fingerprint, makers: part })
  if (lockfile === undefined) return found
  const compare = (desired: Desired): Problem[] =>
    compareLockfile(lockfile, whole, lockableImages(whole), lockableContents(own, desired, path))
  if (frozen) {
    const first = await found.whole
    const moved = pinned(part, lockfile, lockableContents(part, first, path), path)
    const desired = moved === undefined ? first : await resolveDesired(moved, { ...reading, fingerprint })
    const differences = compare(desired)
    if (differences.length > 0) throw new ManifestError(differences)
    return {
      servers: desired.servers.map((each) => ({ name: each.name, desired: Promise.resolve(each) })),
      whole: Promise.resolve(desired),
    }
  }
  const noted = found.whole.then(async (desired) => {
    const [first, ...others] = compare(desired)
    const more = others.length === 0 ? '' : `, and ${others.length} more`
    if (first !== undefined)
      await note(`Note: "${path}" is not up to date: ${first.message}${more}; run "update" to write it`)
    return desired
  })
  noted.catch(() => undefined)
  return { servers: found.servers, whole: noted }
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

/** Hashes each file once, although a pinned manifest is resolved twice. */
function hashOnce(hash: Fingerprinter): Fingerprinter {
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

/** What the lock file at a path can record, without the values of secret variables. */
export function lockableContents(manifest: Manifest, desired: Desired, path: string): SourceContent[] {
  return collectSourceContents(manifest, desired, dirname(resolve(path))).map(({ source, ...content }) => ({
    ...content,
    source: hideIn(source, manifest),
  }))
}
