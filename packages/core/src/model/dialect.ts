/** Everything in which LXD and Incus differ for a client, as data. What a server can do beyond it is read from its `api_extensions`. */
export interface Dialect {
  kind: 'lxd' | 'incus'
  /** Prefix of the headers of an upload. The other kind's headers are ignored in silence: no hash check, not public. */
  headerPrefix: 'X-LXD-' | 'X-Incus-'
  /** Of the headers by which a page names an image, and is asked for it: `LXD-Image-Hash`. */
  urlHeaderPrefix: 'LXD' | 'Incus'
  /** Field of `POST /1.0/certificates` that takes a trust token, before `explicit_trust_token`. */
  trustTokenField: 'password' | 'trust_token'
  /** Whether a trust password exists. */
  trustPassword: boolean
  /** Names of this kind's own protocol in `source.protocol`, the default first. */
  pullProtocols: readonly string[]
  /** What publish does with the properties given: take them instead of the instance's, or in addition. */
  publishProperties: 'replace' | 'merge'
  /** Milliseconds after which the database gives a listing up and sends what it has, with HTTP 200. */
  listTimeLimit: number
  /** Whether the filter language compares booleans. */
  filtersBooleans: boolean
  /** Versions that push a virtual machine as one; no extension marks them (T52). The others make a container of it. */
  pushesMachines?: RegExp
  /**
   * The extension since which operations are read from the database: progress is in events only (T56), everything says that it
   * can be cancelled, and cancelling waits for the end of the work (T54, T55).
   */
  operationsFromDatabase?: string
  /** What the names of new aliases must be, where not every name will do. */
  aliasNames?: AliasNameRule
  /** The extension with which images can be public in project `default` only. */
  publicOnlyInDefault?: string
  /** The extension with which no image is downloaded by a URL any more. */
  refusesUrls?: string
}

/** What the names of new aliases must be. */
export interface AliasNameRule {
  /** The first versions that have the rule, oldest first; all but the last one within their own line of versions. */
  since: readonly string[]
  /** In the order in which the server looks at them. */
  refused: readonly { when(name: string): boolean; why: string }[]
}

// Go's unicode.IsSpace.
const space = /[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/

/**
 * Of `POST /images/aliases` and renames only: Incus 7.0.2 looks neither at aliases in the request that creates an image (T40),
 * nor at those that are there.
 */
const incusAliasNames: AliasNameRule = {
  since: ['6.0.5', '6.16'],
  refused: [
    { when: (name) => new TextEncoder().encode(name).length > 64, why: 'is longer than 64 bytes' },
    { when: (name) => space.test(name), why: 'has white space' },
    { when: (name) => /[$?&+"'`*]/.test(name), why: 'has one of $ ? & + " \' ` *' },
    {
      when: (name) => !/^[a-zA-Z0-9](.*[a-zA-Z0-9])?$/su.test(name),
      why: 'does not begin and end with one of A-Z, a-z and 0-9',
    },
  ],
}

const lxd: Dialect = {
  kind: 'lxd',
  headerPrefix: 'X-LXD-',
  urlHeaderPrefix: 'LXD',
  trustTokenField: 'password',
  trustPassword: true,
  pullProtocols: ['lxd', 'simplestreams'],
  publishProperties: 'replace',
  listTimeLimit: 10_000,
  filtersBooleans: false,
  operationsFromDatabase: 'image_extended_metadata',
  // LXD 6.8 and 6.9; nothing marks the one but something else that came with it.
  publicOnlyInDefault: 'image_extended_metadata',
  refusesUrls: 'event_security',
}

const incus: Dialect = {
  kind: 'incus',
  headerPrefix: 'X-Incus-',
  urlHeaderPrefix: 'Incus',
  trustTokenField: 'trust_token',
  trustPassword: false,
  pullProtocols: ['incus', 'lxd', 'simplestreams'],
  publishProperties: 'merge',
  listTimeLimit: 30_000,
  filtersBooleans: true,
  aliasNames: incusAliasNames,
  pushesMachines: /^7\.0\.(?:[2-9]|\d\d)/,
}

/**
 * What LXD and Incus do differently, by their kind.
 *
 * @example
 * ```ts
 * import { dialects } from '@hyperkit/core/parts'
 *
 * console.log(dialects.incus.headerPrefix) // X-Incus-
 * ```
 */
export const dialects: Readonly<Record<'lxd' | 'incus', Dialect>> = { lxd, incus }
