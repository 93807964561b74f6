import type { Change } from '../documents/plan.ts'

/** The changes of a server that have not ended. */
export interface OpenChanges {
  /** Those that have not begun, in the plan's order. */
  waiting: readonly Change[]
  /** Those that have begun. */
  running: readonly Change[]
  /** How many may run at once. */
  atOnce: number
}

/** How far ahead a change is looked for that can begin: enough for any number of images at once, and quick for thousands of changes. */
const window = 256

/**
 * Chooses the change that begins next on a server: the first that need not wait for one before it that has not ended. So the changes of one
 * image keep their order, aliases after their image, while those of other images go on beside them.
 *
 * @param isReady whether a change need not wait for other servers
 * @returns undefined if no change can begin before one of the running changes has ended; if none is running, the first one, ready or not
 */
export function chooseNext(
  { waiting, running, atOnce }: OpenChanges,
  isReady: (change: Change) => boolean,
): Change | undefined {
  if (running.length >= atOnce) return undefined
  const before: Change[] = [...running]
  let first: Change | undefined
  for (const change of waiting.slice(0, window)) {
    if (!before.some((other) => mustWait(change, other))) {
      if (isReady(change)) return change
      first ??= change
    }
    // Nothing passes a removal, so what comes after it need not be looked at.
    if (isRemoval(change)) break
    before.push(change)
  }
  return running.length === 0 ? first : undefined
}

/** Whether a change has to wait for the end of one that the plan has before it. */
function mustWait(change: Change, before: Change): boolean {
  // Nothing is removed before it is known that nothing has failed, and only one thing at a time.
  if (isRemoval(change) || isRemoval(before)) return true
  if (change.image === before.image && change.image !== '') return true
  if (touched(change).some((fingerprint) => touched(before).includes(fingerprint))) return true
  // While an alias moves to an image, the lock of the manifest is an alias of that image, and of no other.
  if (isMove(change) && isMove(before)) return true
  return isSameInstance(change, before)
}

function isRemoval({ action }: Change): boolean {
  return action === 'remove-alias' || action === 'delete-image'
}

/** The images that a change makes, changes or points an alias at, or away from. */
function touched(change: Change): string[] {
  return 'before' in change ? [change.fingerprint, change.before.target] : [change.fingerprint]
}

function isMove(change: Change): boolean {
  return change.action === 'update-alias' && change.before.target !== change.after.target
}

/** A server publishes an instance once at a time: meanwhile the instance must not be started. */
function isSameInstance(change: Change, before: Change): boolean {
  if (change.action !== 'publish-image' || before.action !== 'publish-image') return false
  return change.from.instance === before.from.instance
}
