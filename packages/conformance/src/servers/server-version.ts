export type DaemonDialect = 'lxd' | 'incus'

/**
 * Names of the server versions that this project is tested on. `lxd-5.0` is 5.0.2 and `lxd-5.0.3` is 5.0.2+git20231211, which also calls itself
 * 5.0.2; `lxd-main` is the main branch after 6.9.
 */
export const serverVersions = [
  'lxd-5.0',
  'lxd-5.0.3',
  'lxd-5.21',
  'lxd-6.9',
  'lxd-main',
  'incus-6.0',
  'incus-7.0',
] as const

export type ServerVersion = (typeof serverVersions)[number]

export const dialectOf = (server: DaemonDialect | ServerVersion): DaemonDialect =>
  server.startsWith('lxd') ? 'lxd' : 'incus'

// The newest first. Version numbers do not distinguish them: two are 5.0.2, and main calls itself 6.9.
const markers: readonly [version: ServerVersion, extensions: readonly string[]][] = [
  ['lxd-main', ['durable_operations']],
  ['lxd-6.9', ['event_security']],
  ['lxd-5.21', ['client_cert_presence']],
  ['lxd-5.0.3', ['operation_wait', 'operations_get_query_all_projects']],
]

/** What a trusted client reads in `GET /1.0`. */
export interface ServerFacts {
  api_extensions: readonly string[]
  environment: { server: string; server_version: string }
}

/** The known version that a server has, or that is most similar to it. */
export function recogniseVersion({ api_extensions: known, environment }: ServerFacts): ServerVersion {
  if (environment.server === 'incus')
    return Number.parseInt(environment.server_version, 10) >= 7 ? 'incus-7.0' : 'incus-6.0'
  const marked = markers.find(([, extensions]) => extensions.some((extension) => known.includes(extension)))
  return marked?.[0] ?? 'lxd-5.0'
}

/** LXD 5.21 and newer have fine-grained identities. */
export const hasFineGrained = (version: ServerVersion): boolean =>
  (['lxd-5.21', 'lxd-6.9', 'lxd-main'] as ServerVersion[]).includes(version)

/** LXD 6.7 and newer issue bearer tokens. */
export const hasBearerTokens = (version: ServerVersion): boolean =>
  (['lxd-6.9', 'lxd-main'] as ServerVersion[]).includes(version)

/** LXD 6.2 and newer do not have the key `core.trust_password`; Incus never had it. */
export const hasTrustPassword = (version: ServerVersion): boolean =>
  (['lxd-5.0', 'lxd-5.0.3', 'lxd-5.21'] as ServerVersion[]).includes(version)
