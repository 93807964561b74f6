import { isDigest, parseImageName, pinnedName } from '@hyperkit/core/parts'
import type { LockedContent, LockedSource } from '../../documents/lock-file.ts'
import type { Manifest, ManifestImage, PresentImage } from '../../manifest/manifest.ts'
import type { RemoteSource, ServerSource } from '../../manifest/source.ts'
import { contentFor, isLockedContent, type ReadLockfile, type SourceContent } from './lockfile.ts'

/**
 * Replaces an alias on another server by the locked fingerprint, or in a registry by the locked digest, if it points at another image now, or at none; undefined if
 * nothing was replaced. An alias that still points at the locked image stays, since an image with `autoUpdate` needs one.
 *
 * @param contents what the sources hold now, for those that could be read
 * @param sources the sources as the lock file describes them, by image: one with another description counts as another source
 */
export function pinSources(
  manifest: Manifest,
  lockfile: ReadLockfile,
  contents: readonly SourceContent[],
  sources: ReadonlyMap<string, LockedSource>,
): Manifest | undefined {
  const locks = new Map(lockfile.images.map((image) => [image.name, image]))
  const current = new Map(contents.map((content) => [content.name, content]))
  const images = manifest.images.map((image) => {
    const lock = locks.get(image.name)
    if (lock === undefined || !isNamed(image) || !isSame(lock.source, sources.get(image.name))) return [image]
    return pinImage(image, (server) => {
      const now = current.get(image.name)
      const locked = contentFor(lock, server)
      const isUnchanged = now?.servers.includes(server) && isLockedContent(contentFor(now, server), locked)
      return isUnchanged ? undefined : pinOf(image.source, locked)
    })
  })
  const isPinned = images.some(([image], index) => image !== manifest.images[index])
  return isPinned ? { ...manifest, images: images.flat() } : undefined
}

/** What names the locked content: of a registry its digest, of other sources the fingerprint. */
function pinOf({ alias = '' }: NamedImage['source'], { fingerprint, serial = '' }: LockedContent): string {
  return isDigest(serial) ? pinnedName(parseImageName(alias), serial) : fingerprint
}

/** Splits an image by the content that its servers should get; unchanged if no server needs the locked fingerprint. */
function pinImage(image: NamedImage, pinOf: (server: string) => string | undefined): PresentImage[] {
  const groups = new Map<string | undefined, string[]>()
  for (const server of image.servers) {
    const pin = pinOf(server)
    groups.set(pin, [...(groups.get(pin) ?? []), server])
  }
  if (groups.size === 0 || (groups.size === 1 && groups.has(undefined))) return [image]
  return [...groups].map(([pin, servers]) => {
    if (pin === undefined) return { ...image, servers }
    const named = pin.includes('@') ? { alias: pin } : { alias: undefined, fingerprint: pin }
    return { ...image, servers, source: { ...image.source, ...named } }
  })
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
