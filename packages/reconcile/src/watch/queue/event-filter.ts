import { isLockAlias } from '../../ownership/lock-alias.ts'

/** The aliases and images of a server that a manifest says something about. */
export interface EventFilter {
  aliases: ReadonlySet<string>
  /** Images that the manifest wants, and images that its aliases name. */
  fingerprints: ReadonlySet<string>
  /**
   * The manifest wants a name to be absent. Then every new image matches, as it may bring that name: LXD sends no event for
   * an alias that is created with its image.
   */
  wantsAbsence: boolean
}

/** The action given to an operation on an image that has ended: it reports what lifecycle events do not (T76). */
export const operationAction = 'operation'

/** A lifecycle event as servers send it, or such an operation; nothing of it is certain. */
export interface LifecycleEvent {
  action?: unknown
  /** `/1.0/images/<fingerprint>`, `/1.0/images/aliases/<name>`, either with `?project=`. */
  source?: unknown
  /** The former name of a renamed alias. */
  context?: unknown
}

/** Events of reads: an image was downloaded, or a secret was made for one. */
const harmless = ['image-retrieved', 'image-secret-created']

/**
 * Whether an event can have changed what the manifest says something about. When in doubt, it matches: a needless pass costs
 * a few reads, and a missed event leaves a server wrong until the next scheduled pass.
 *
 * @param filter undefined until the server was read: then every event of an image or alias matches
 */
export function matchesFilter(
  { action, source, context }: LifecycleEvent,
  filter: EventFilter | undefined,
): boolean {
  if (typeof action !== 'string' || typeof source !== 'string') return false
  const isOfImages = action.startsWith('image-') || action === operationAction
  if (!isOfImages || harmless.includes(action)) return false
  if (action.startsWith('image-alias-')) {
    const names = [...namesIn(source), ...oldNames(context)]
    if (names.some(isLockAlias)) return false
    return filter === undefined || names.some((name) => filter.aliases.has(name))
  }
  // A refresh replaces one image with another, and the event may name either of the two.
  if (filter === undefined || action === 'image-refreshed') return true
  const [, fingerprint = ''] = /^\/1\.0\/images\/([0-9a-f]{64})(?:\?|$)/.exec(source) ?? []
  return filter.fingerprints.has(fingerprint) || (filter.wantsAbsence && action === 'image-created')
}

/** LXD 5.0.2 encodes the name of an alias twice (T21), other servers once; so both readings count. */
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
