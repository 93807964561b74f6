import { isLockAlias } from '../../ownership/lock-alias.ts'

/** What of a server the manifest says something about. */
export interface Concern {
  aliases: ReadonlySet<string>
  /** Images that it wants, and those that its aliases name. */
  fingerprints: ReadonlySet<string>
  /** It wants something gone: whatever image comes may bring it, for LXD tells of no alias that comes with its image. */
  wantsAbsence: boolean
}

/** The action of an operation on an image that has ended, which tells what lifecycle events do not (T76). */
export const operationAction = 'operation'

/** A lifecycle event as servers send it, or such an operation; nothing of it is certain. */
export interface LifecycleEvent {
  action?: unknown
  /** `/1.0/images/<fingerprint>`, `/1.0/images/aliases/<name>`, either with `?project=`. */
  source?: unknown
  /** The name before, of a renamed alias. */
  context?: unknown
}

/** They come of reading: an image was downloaded, a secret was made for one. */
const harmless = ['image-retrieved', 'image-secret-created']

/**
 * Whether an event can have changed what the manifest says something about. When in doubt, yes: a needless look costs a
 * few reads, and a missed event leaves a server wrong until the next scheduled look.
 *
 * @param concern undefined while it is not known
 */
export function concerns({ action, source, context }: LifecycleEvent, concern: Concern | undefined): boolean {
  if (typeof action !== 'string' || typeof source !== 'string') return false
  const isOfImages = action.startsWith('image-') || action === operationAction
  if (!isOfImages || harmless.includes(action)) return false
  if (action.startsWith('image-alias-')) {
    const names = [...namesIn(source), ...oldNames(context)]
    if (names.some(isLockAlias)) return false
    return concern === undefined || names.some((name) => concern.aliases.has(name))
  }
  // A refresh puts another image in the place of one, whichever of the two the event names.
  if (concern === undefined || action === 'image-refreshed') return true
  const [, fingerprint = ''] = /^\/1\.0\/images\/([0-9a-f]{64})(?:\?|$)/.exec(source) ?? []
  return concern.fingerprints.has(fingerprint) || (concern.wantsAbsence && action === 'image-created')
}

/** LXD 5.0.2 encodes the name of an alias twice (T21), others once; so each reading counts. */
function namesIn(source: string): string[] {
  const [, encoded] = /^\/1\.0\/images\/aliases\/([^?]+)/.exec(source) ?? []
  if (encoded === undefined) return []
  const once = decode(encoded)
  return [...new Set([once, decode(once)])]
}

function oldNames(context: unknown): string[] {
  const name = (context as { old_name?: unknown } | null | undefined)?.old_name
  return typeof name === 'string' ? [name] : []
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
