import type { LockedImage, Lockfile } from '../../documents/lock-file.ts'
import type { SourceContent } from './lockfile.ts'

/** How `update` changes the lock of one image. */
export interface LockMove {
  name: string
  /** Undefined: the image was not locked before. */
  before?: LockedImage | undefined
  /** Undefined: the manifest no longer declares the image. */
  after?: LockedImage | undefined
}

/** Options of {@link updateLockfile}. */
export interface UpdateLockfileOptions {
  /** The time to record for new contents; RFC 3339. */
  now: string
  /** Names of all images of the manifest that can be locked; all others are removed from the lock. */
  declared: readonly string[]
}

/**
 * Updates a lock to what the sources hold now. Images whose sources were not read keep their lock, and an unchanged entry keeps
 * its time, so an update without news changes nothing.
 */
export function updateLockfile(
  before: Lockfile | undefined,
  contents: readonly SourceContent[],
  { now, declared }: UpdateLockfileOptions,
): { lockfile: Lockfile; moves: LockMove[] } {
  const locks = new Map((before?.images ?? []).map((image) => [image.name, image]))
  const moves: LockMove[] = []
  for (const { at: _, servers: __, ...content } of contents) {
    const old = locks.get(content.name)
    if (old !== undefined && isSame(old, content)) continue
    // The time belongs to the content, so a source that was only renamed keeps it.
    const lockedAt = old !== undefined && isLocked(old, content) ? old.lockedAt : now
    const after = { ...content, lockedAt }
    locks.set(content.name, after)
    moves.push({ name: content.name, before: old, after })
  }
  for (const [name, old] of [...locks])
    if (!declared.includes(name)) {
      locks.delete(name)
      moves.push({ name, before: old })
    }
  const byName = <T extends { name: string }>(a: T, b: T): number => (a.name < b.name ? -1 : 1)
  return { lockfile: { images: [...locks.values()].sort(byName) }, moves: moves.sort(byName) }
}

/** Whether a content was locked already, whatever its source was. */
function isLocked(old: LockedImage, now: Omit<LockedImage, 'lockedAt'>): boolean {
  const known = [old, ...(old.elsewhere ?? [])].map(({ fingerprint }) => fingerprint)
  return [now, ...(now.elsewhere ?? [])].every(({ fingerprint }) => known.includes(fingerprint))
}

function isSame(old: LockedImage, now: Omit<LockedImage, 'lockedAt'>): boolean {
  return textOf(old) === textOf(now)
}

function textOf({
  fingerprint,
  size,
  serial,
  source,
  elsewhere = [],
}: Omit<LockedImage, 'lockedAt'>): string {
  const others = elsewhere.map((each) => [each.servers, each.fingerprint, each.size, each.serial])
  return JSON.stringify([fingerprint, size, serial, source.kind, source.from, others])
}
