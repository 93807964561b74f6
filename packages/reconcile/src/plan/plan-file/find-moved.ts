import { shortFingerprint } from '@hyperkit/core/parts'
import type { SeenAlias, SeenImage, SeenServer } from '../../documents/saved-plan.ts'

/** A difference from the state in which a plan was made. */
export interface Moved {
  /** `null` if it is not on a server. */
  server: string | null
  /** `alias "noble"` */
  what: string
  /** Then, as a predicate: `pointed at 111111111111` */
  was: string
  /** Now: `points at 222222222222` */
  is: string
}

/** What has changed on the servers. Servers that could not be read now are left out; callers report them. */
export function findMoved(was: readonly SeenServer[], is: readonly SeenServer[]): Moved[] {
  return was.flatMap((before) => {
    const now = is.find(({ name }) => name === before.name)
    if (now === undefined) return []
    const moved = (what: string, a: string, b: string): Moved => ({
      server: before.name,
      what,
      was: a,
      is: b,
    })
    // If it is another server, nothing else can be compared. A socket has another inode after each start, and an address says nothing.
    if ([before, now].every(wasSeen) && before.identity !== now.identity)
      return [moved('the server', `was ${before.identity}`, `is ${now.identity}`)]
    return [
      ...pair(before.aliases, now.aliases, ({ name }) => name).flatMap(([name, a, b]) =>
        sameText(a, b) ? [] : [moved(...compareAlias(`alias ${JSON.stringify(name)}`, a, b))],
      ),
      ...pair(before.images, now.images, ({ fingerprint }) => fingerprint).flatMap(([fingerprint, a, b]) =>
        sameText(a, b) ? [] : [moved(...compareImage(`image ${shortFingerprint(fingerprint)}`, a, b))],
      ),
    ]
  })
}

/** Whether the certificate of a server was seen. */
function wasSeen({ identity }: SeenServer): boolean {
  return /^[0-9a-f]{64} \(/.test(identity)
}

/** `prod: alias "noble" pointed at 111111111111 when the plan was made, and points at 222222222222 now` */
export function describeMoved({ server, what, was, is }: Moved): string {
  return `${server === null ? '' : `${server}: `}${what} ${was} when the plan was made, and ${is} now`
}

function pair<T>(
  was: readonly T[],
  is: readonly T[],
  keyOf: (item: T) => string,
): [string, T | undefined, T | undefined][] {
  const keys = [...new Set([...was, ...is].map(keyOf))].sort()
  const find = (items: readonly T[], key: string): T | undefined => items.find((item) => keyOf(item) === key)
  return keys.map((key) => [key, find(was, key), find(is, key)])
}

type Difference = [what: string, was: string, is: string]

function compareAlias(what: string, was: SeenAlias | undefined, is: SeenAlias | undefined): Difference {
  const [before, after] = [was, is].map((alias) => alias && shortFingerprint(alias.target))
  if (before === undefined) return [what, 'did not exist', `points at ${after}`]
  if (after === undefined) return [what, `pointed at ${before}`, 'is gone']
  if (before !== after) return [what, `pointed at ${before}`, `points at ${after}`]
  const [then, now] = [was, is].map((alias) => JSON.stringify(alias?.description))
  if (then !== now) return [`the description of ${what}`, `was ${then}`, `is ${now}`]
  return compareEtags(what, was, is)
}

function compareImage(what: string, was: SeenImage | undefined, is: SeenImage | undefined): Difference {
  if (was === undefined) return [what, 'did not exist', 'exists']
  if (is === undefined) return [what, 'existed', 'is gone']
  const differing = fieldsOf(was, is).find(([, a, b]) => !sameText(a, b))
  if (differing === undefined) return compareEtags(what, was, is)
  const [field, then, now] = differing
  return [
    `${field} of ${what}`,
    then === undefined ? 'was not set' : `was ${JSON.stringify(then)}`,
    now === undefined ? 'is not set' : `is ${JSON.stringify(now)}`,
  ]
}

/** Somebody changed a field that the plan does not record, or wrote the same value again. */
function compareEtags(what: string, was: { etag: string | null } | undefined, is: typeof was): Difference {
  return [what, `had ETag ${was?.etag}`, `has ETag ${is?.etag}`]
}

function fieldsOf(was: SeenImage, is: SeenImage): [string, unknown, unknown][] {
  const keys = [...new Set([...Object.keys(was.properties), ...Object.keys(is.properties)])].sort()
  return [
    ['"public"', was.public, is.public],
    ['"expiresAt"', was.expiresAt, is.expiresAt],
    ['"autoUpdate"', was.autoUpdate, is.autoUpdate],
    ['the list of profiles', was.profiles, is.profiles],
    ...keys.map((key): [string, unknown, unknown] => [
      `property ${JSON.stringify(key)}`,
      was.properties[key],
      is.properties[key],
    ]),
    ['the list of aliases', was.aliases, is.aliases],
    ['"inUse" (by an instance, a snapshot or a profile)', was.inUse, is.inUse],
  ]
}

function sameText(a: unknown, b: unknown): boolean {
  return canonical(a) === canonical(b)
}

/** JSON text with sorted keys, so that equal values have equal texts. */
export function canonical(value: unknown): string {
  return (
    JSON.stringify(value, (_, part: unknown) =>
      part !== null && typeof part === 'object' && !Array.isArray(part)
        ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
        : part,
    ) ?? 'undefined'
  )
}
