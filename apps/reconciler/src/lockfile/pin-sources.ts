import type { Manifest } from '../manifest/manifest.ts'
import type { RemoteSource, ServerSource, Source } from '../manifest/source.ts'
import type { LockedSource, ReadLockfile, SourceContent } from './lockfile.ts'

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
  const held = new Map(contents.map(({ name, fingerprint }) => [name, fingerprint]))
  let isPinned = false
  const images = manifest.images.map((image) => {
    const lock = locks.get(image.name)
    const from = sources.get(image.name)
    if (image.state !== 'present' || !isNamed(image.source)) return image
    if (lock === undefined || lock.fingerprint === held.get(image.name)) return image
    if (lock.source.kind !== from?.kind || lock.source.from !== from.from) return image
    isPinned = true
    return { ...image, source: { ...image.source, alias: undefined, fingerprint: lock.fingerprint } }
  })
  return isPinned ? { ...manifest, images } : undefined
}

function isNamed(source: Source): source is RemoteSource | ServerSource {
  return (source.kind === 'remote' || source.kind === 'server') && source.alias !== undefined
}
