import type { SeenAlias, SeenImage, SeenServer } from './saved-plan.ts'

/** Something that is not as it was when a plan was made. */
export interface Moved {
  /** `null`: not of a server. */
  server: string | null
  /** `alias "noble"` */
  what: string
  was: string
  is: string
}

/** What has moved on the servers; one that could not be read now is for the caller to tell. */
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
    // Of another server nothing else can be compared.
    if (before.identity !== now.identity) return [moved('the server', before.identity, now.identity)]
    return [
      ...pair(before.aliases, now.aliases, ({ name }) => name).flatMap(([name, a, b]) =>
        sameText(a, b) ? [] : [moved(`alias ${JSON.stringify(name)}`, ...tellAliases(a, b))],
      ),
      ...pair(before.images, now.images, ({ fingerprint }) => fingerprint).flatMap(([fingerprint, a, b]) =>
        sameText(a, b) ? [] : [moved(`image ${fingerprint.slice(0, 12)}`, ...tellImages(a, b))],
      ),
    ]
  })
}

/** `prod: alias "noble" was 111111111111, is 222222222222` */
export function describeMoved({ server, what, was, is }: Moved): string {
  return `${server === null ? '' : `${server}: `}${what} was ${was}, is ${is}`
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

function tellAliases(was: SeenAlias | undefined, is: SeenAlias | undefined): [string, string] {
  const [before, after] = [was, is].map((alias) => alias?.target.slice(0, 12) ?? 'not there')
  if (before !== after) return [before ?? '', after ?? '']
  if (was?.description !== is?.description)
    return [was, is].map((alias) => `described as ${JSON.stringify(alias?.description)}`) as [string, string]
  return [`at ETag ${was?.etag}`, `at ETag ${is?.etag}`]
}

function tellImages(was: SeenImage | undefined, is: SeenImage | undefined): [string, string] {
  if (was === undefined) return ['not there', 'there']
  if (is === undefined) return ['there', 'not there']
  const differing = fieldsOf(was, is).find(([, a, b]) => !sameText(a, b))
  if (differing === undefined) return [`at ETag ${was.etag}`, `at ETag ${is.etag}`]
  const [field, a, b] = differing
  return [`${field} ${JSON.stringify(a) ?? 'not there'}`, JSON.stringify(b) ?? 'not there']
}

function fieldsOf(was: SeenImage, is: SeenImage): [string, unknown, unknown][] {
  const keys = [...new Set([...Object.keys(was.properties), ...Object.keys(is.properties)])].sort()
  return [
    ['public', was.public, is.public],
    ['expiresAt', was.expiresAt, is.expiresAt],
    ['autoUpdate', was.autoUpdate, is.autoUpdate],
    ['profiles', was.profiles, is.profiles],
    ...keys.map((key): [string, unknown, unknown] => [
      `property ${JSON.stringify(key)}`,
      was.properties[key],
      is.properties[key],
    ]),
    ['aliases', was.aliases, is.aliases],
    ['inUse', was.inUse, is.inUse],
  ]
}

function sameText(a: unknown, b: unknown): boolean {
  return canonical(a) === canonical(b)
}

/** JSON in which the order of keys says nothing. */
export function canonical(value: unknown): string {
  return (
    JSON.stringify(value, (_, part: unknown) =>
      part !== null && typeof part === 'object' && !Array.isArray(part)
        ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
        : part,
    ) ?? 'undefined'
  )
}
