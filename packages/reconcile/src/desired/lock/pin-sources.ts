import type { LockedSource } from '../../documents/lock-file.ts'
import type { Manifest, ManifestImage, PresentImage } from '../../manifest/manifest.ts'
import type { RemoteSource, ServerSource } from '../../manifest/source.ts'
import { contentFor, type ReadLockfile, type SourceContent } from './lockfile.ts'

/**
 * The manifest with the locked fingerprint in place of an alias of another server that means something else now, or nothing
 * any more; undefined where there is no such alias. An alias that still means what was locked stays, for an image that a
 * server is to update itself needs one.
 *
 * @param contents what the sources hold now; not of those that could not be read
 * @param sources how they stand in the lock, by image: one that was named otherwise then is another one
 */
export function pinSources(
  manifest: Manifest,
  lockfile: ReadLockfile,
  contents: readonly SourceContent[],
  sources: ReadonlyMap<string, LockedSource>,
): Manifest | undefined {
  const locks = new Map(lockfile.images.map((image) => [image.name, image]))
  const held = new Map(contents.map((content) => [content.name, content]))
  const images = manifest.images.map((image) => {
    const lock = locks.get(image.name)
    if (lock === undefined || !isNamed(image) || !isSame(lock.source, sources.get(image.name))) return [image]
    return pinImage(image, (server) => {
      const now = held.get(image.name)
      const locked = contentFor(lock, server).fingerprint
      const isHeld = now?.servers.includes(server) && contentFor(now, server).fingerprint === locked
      return isHeld ? undefined : locked
    })
  })
  const isPinned = images.some(([image], index) => image !== manifest.images[index])
  return isPinned ? { ...manifest, images: images.flat() } : undefined
}

/** The image once for each content that its servers are to get; as it was where none of them needs another. */
function pinImage(image: NamedImage, pinOf: (server: string) => string | undefined): PresentImage[] {
  const groups = new Map<string | undefined, string[]>()
  for (const server of image.servers) {
    const pin = pinOf(server)
    groups.set(pin, [...(groups.get(pin) ?? []), server])
  }
  if (groups.size === 0 || (groups.size === 1 && groups.has(undefined))) return [image]
  return [...groups].map(([fingerprint, servers]) =>
    fingerprint === undefined
      ? { ...image, servers }
      : { ...image, servers, source: { ...image.source, alias: undefined, fingerprint } },
  )
}

type NamedImage = PresentImage & { source: RemoteSource | ServerSource }

function isNamed(image: ManifestImage): image is NamedImage {
  if (image.state !== 'present') return false
  const { source } = image
  return (source.kind === 'remote' || source.kind === 'server') && source.alias !== undefined
}

function isSame(a: LockedSource, b: LockedSource | undefined): boolean {
  return a.kind === b?.kind && a.from === b.from
}
