import { relative, sep } from 'node:path'
import type { Desired } from '../desired/desired.ts'
import type { Manifest, PresentImage } from '../manifest/manifest.ts'
import type { FileSource, RemoteSource, UrlSource } from '../manifest/source.ts'
import type { LockedSource, SourceContent } from './lockfile.ts'

/**
 * What the sources of the manifest's images hold, as it was found for the servers.
 *
 * @param folder absolute; paths are told from there, so that the lock says the same on every machine
 */
export function noteLockable(manifest: Manifest, desired: Desired, folder: string): SourceContent[] {
  const known = new Map(
    desired.servers.flatMap(({ images }) =>
      images.flatMap((image) => image.names.map((name) => [name, image] as const)),
    ),
  )
  return lockableImages(manifest).flatMap(({ name, source }): SourceContent[] => {
    const content = known.get(name)
    if (content === undefined) return []
    const { fingerprint, size, serial } = content
    const held = { name, fingerprint, size: size ?? undefined, ...(serial === undefined ? {} : { serial }) }
    return [{ ...held, source: describeSource(source, folder), at: source.at }]
  })
}

/** How the sources of images stand in a lock file, by image. */
export function lockedSources(manifest: Manifest, folder: string): Map<string, LockedSource> {
  return new Map(lockableImages(manifest).map(({ name, source }) => [name, describeSource(source, folder)]))
}

type LockableImage = PresentImage & { source: FileSource | RemoteSource | UrlSource }

/**
 * The images whose content is a fact that this manifest does not make itself: what servers of the manifest have, or publish
 * from their instances, moves by what is done to them.
 */
export function lockableImages(manifest: Manifest): LockableImage[] {
  return manifest.images.filter(
    (image): image is LockableImage => image.state === 'present' && isLockable(image.source),
  )
}

function isLockable({ kind }: PresentImage['source']): boolean {
  return kind === 'file' || kind === 'split' || kind === 'remote' || kind === 'url'
}

function describeSource(source: LockableImage['source'], folder: string): LockedSource {
  if (source.kind === 'url') return { kind: 'url', from: source.url }
  if (source.kind === 'remote') {
    const { kind, remote, alias, fingerprint } = source
    return {
      kind,
      from: `${remote} ${alias === undefined ? `fingerprint ${fingerprint}` : `alias ${alias}`}`,
    }
  }
  const near = (path: string): string => relative(folder, path).split(sep).join('/')
  if (source.kind === 'file') return { kind: 'file', from: near(source.file) }
  return { kind: 'split', from: `${near(source.metadata)}, ${near(source.rootfs)}` }
}
