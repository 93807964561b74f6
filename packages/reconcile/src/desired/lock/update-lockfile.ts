import type { LockedImage, Lockfile } from '../../documents/lock-file.ts'
import type { SourceContent } from './lockfile.ts'

/** What `update` does to the lock of one image. */
export interface LockMove {
  name: string
  /** Undefined: not locked before. */
  before?: LockedImage | undefined
  /** Undefined: the manifest does not declare it any more. */
  after?: LockedImage | undefined
}

/** Options of {@link updateLockfile}. */
export interface UpdateLockfileOptions {
  /** The time of new contents; RFC 3339. */
  now: string
  /** Names of all images of the manifest that can be locked; others go. */
  declared: readonly string[]
}

/**
 * The lock with what the sources hold now, and what moved. Images that nobody looked at stay as they were locked; an entry
 * that is as it was keeps its time, so that looking alone changes nothing.
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
    // The time is that of the content: a source that was only renamed holds what it held.
    const lockedAt = old !== undefined && isHeld(old, content) ? old.lockedAt : now
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

/** Whether a content was locked already, wherever it came from. */
function isHeld(old: LockedImage, now: Omit<LockedImage, 'lockedAt'>): boolean {
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
