import { TransportError } from '../errors/errors.ts'
import { type Dialect, dialects } from '../model/dialect.ts'
import { type ServerInfo, serverSchema } from '../model/server-info.ts'
import { type AnswerFacts, readAs } from './answer.ts'

/**
 * What a server is, from its answer to `GET /1.0`. Untrusted clients see no `environment`; then the names of the extensions reveal the
 * kind. Incus 7.0 and newer list no extensions for strangers (T34), and every LXD up to 6.9 lists all of them for everybody.
 */
export function readServer(metadata: unknown, facts: AnswerFacts): ServerInfo {
  const value = readAs(serverSchema, metadata, facts)
  const environment = value.environment ?? {}
  const names = value.api_extensions ?? []
  const apiExtensions = names.length === 0 ? undefined : new Set(names)
  const dialect = dialectOf(environment.server, apiExtensions, value.api_version)
  if (!dialect) {
    throw new TransportError(
      'unexpected-answer',
      `Cannot tell what kind of server "${facts.server}" is: it calls itself ${JSON.stringify(environment.server ?? null)}, not "lxd" or "incus"`,
      { server: facts.server },
    )
  }
  return {
    dialect,
    version: environment.server_version,
    apiExtensions,
    trusted: value.auth === 'trusted',
    certificate: environment.certificate || undefined,
    certificateFingerprint: environment.certificate_fingerprint || undefined,
    serverName: environment.server_name || undefined,
    clustered: environment.server_clustered,
    addresses: environment.addresses ?? [],
    architectures: environment.architectures ?? [],
    project: environment.project,
  }
}

function dialectOf(
  server: string | undefined,
  extensions: ReadonlySet<string> | undefined,
  apiVersion: string | undefined,
): Dialect | undefined {
  if (server === 'lxd' || server === 'incus') return dialects[server]
  if (extensions?.has('dev_incus_images')) return dialects.incus
  if (extensions?.has('devlxd_images')) return dialects.lxd
  const tellsNothing = server === undefined && extensions === undefined && apiVersion !== undefined
  return tellsNothing ? dialects.incus : undefined
}
