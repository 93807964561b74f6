import { relative, sep } from 'node:path'
import type { Desired } from '../desired/desired.ts'
import type { FileSource, Manifest, PresentImage } from '../manifest/manifest.ts'
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
    const { fingerprint, size } = content
    return [{ name, fingerprint, size, source: describeSource(source, folder), at: source.at }]
  })
}

/** The images whose content is a fact before anything is done. */
export function lockableImages(manifest: Manifest): PresentImage[] {
  return manifest.images.filter((image): image is PresentImage => image.state === 'present')
}

function describeSource(source: FileSource, folder: string): LockedSource {
  const near = (path: string): string => relative(folder, path).split(sep).join('/')
  if (source.kind === 'file') return { kind: 'file', from: near(source.file) }
  return { kind: 'split', from: `${near(source.metadata)}, ${near(source.rootfs)}` }
}
