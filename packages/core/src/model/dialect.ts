/** The differences between LXD and Incus for a client, as data. What a server can do beyond that is read from its `api_extensions`. */
export interface Dialect {
  kind: 'lxd' | 'incus'
  /** Prefix of the headers of an upload. Servers silently ignore the other kind's headers: no hash check, not public. */
  headerPrefix: 'X-LXD-' | 'X-Incus-'
  /** Prefix of the headers with which a page is asked for an image and names it: `LXD-Image-Hash`. */
  urlHeaderPrefix: 'LXD' | 'Incus'
  /** Field of `POST /1.0/certificates` for a trust token, before `explicit_trust_token`. */
  trustTokenField: 'password' | 'trust_token'
  /** Whether a trust password exists. */
  trustPassword: boolean
  /** Values of `source.protocol` that this kind supports, its own first. */
  pullProtocols: readonly string[]
  /** Whether published images get the given properties instead of the instance's, or in addition. */
  publishProperties: 'replace' | 'merge'
  /** Milliseconds after which the server breaks off a listing and sends what it has, with HTTP 200. */
  listTimeLimit: number
  /** Whether filters can compare booleans. */
  filtersBooleans: boolean
  /** Versions that push a virtual machine as a virtual machine; no extension marks them (T52). With others it becomes a container. */
  pushesMachines?: RegExp
  /**
   * The extension since which operations are read from the database: progress is in events only (T56), every operation claims to be
   * cancellable, and cancelling waits for the end of the work (T54, T55).
   */
  operationsFromDatabase?: string
  /** The rule for names of new aliases, if there is one. */
  aliasNames?: AliasNameRule
  /** The extension since which images can be public in project `default` only. */
  publicOnlyInDefault?: string
  /** The extension since which the server no longer downloads images by URL. */
  refusesUrls?: string
}

/** A rule for the names of new aliases. */
export interface AliasNameRule {
  /** The first versions with the rule, oldest first. All but the last one count only within their own release series. */
  since: readonly string[]
  /** In the order in which the server checks them. */
  refused: readonly { when(name: string): boolean; why: string }[]
}

// Go's unicode.IsSpace.
const space = /[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/

/**
 * For `POST /images/aliases` and renames only: Incus 7.0.2 checks neither aliases in the request that creates an image (T40) nor existing
 * ones.
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
  // LXD 6.8 and 6.9. No extension of its own marks the rule, so one that came in the same version does.
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
 * The differences between LXD and Incus, by kind.
 *
 * @example
 * ```ts
 * import { dialects } from '@hyperkit/core/parts'
 *
 * console.log(dialects.incus.headerPrefix) // X-Incus-
 * ```
 */
export const dialects: Readonly<Record<'lxd' | 'incus', Dialect>> = { lxd, incus }
