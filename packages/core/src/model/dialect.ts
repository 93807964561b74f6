/** Everything in which LXD and Incus differ for a client, as data. What a server can do beyond it is read from its `api_extensions`. */
export interface Dialect {
  kind: 'lxd' | 'incus'
  /** Prefix of the headers of an upload. The other kind's headers are ignored in silence: no hash check, not public. */
  headerPrefix: 'X-LXD-' | 'X-Incus-'
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
  /**
   * The extension since which operations are read from the database: progress is in events only (T56), everything says that it
   * can be cancelled, and cancelling waits for the end of the work (T54, T55).
   */
  operationsFromDatabase?: string
}

const lxd: Dialect = {
  kind: 'lxd',
  headerPrefix: 'X-LXD-',
  trustTokenField: 'password',
  trustPassword: true,
  pullProtocols: ['lxd', 'simplestreams'],
  publishProperties: 'replace',
  listTimeLimit: 10_000,
  filtersBooleans: false,
  operationsFromDatabase: 'image_extended_metadata',
}

const incus: Dialect = {
  kind: 'incus',
  headerPrefix: 'X-Incus-',
  trustTokenField: 'trust_token',
  trustPassword: false,
  pullProtocols: ['incus', 'lxd', 'simplestreams'],
  publishProperties: 'merge',
  listTimeLimit: 30_000,
  filtersBooleans: true,
}

/** What LXD and Incus do differently, by their kind. */
export const dialects: Readonly<Record<'lxd' | 'incus', Dialect>> = { lxd, incus }
