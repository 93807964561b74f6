import { TransportError } from '../errors/errors.ts'
import type { CallOptions } from '../http/call.ts'
import type { Connection } from '../http/connection.ts'
import { type Dialect, dialects } from './dialect.ts'
import { type ServerInfo, serverSchema } from './server-info.ts'

/** Asks a server what it is. Untrusted clients see no `environment`, so the extensions' names tell the kind then. */
export async function detectServer(connection: Connection, options: CallOptions = {}): Promise<ServerInfo> {
  const { value } = await connection.read(serverSchema, {
    method: 'GET',
    path: '/1.0',
    action: 'read what kind of server this is',
    signal: options.signal,
  })
  const environment = value.environment ?? {}
  const apiExtensions = new Set(value.api_extensions)
  const dialect = dialectOf(environment.server, apiExtensions)
  if (!dialect) {
    throw new TransportError(
      'unexpected-answer',
      `Cannot tell what kind of server "${connection.name}" is: it calls itself ${JSON.stringify(environment.server ?? null)}, not "lxd" or "incus"`,
      { server: connection.name },
    )
  }
  return {
    dialect,
    version: environment.server_version,
    apiExtensions,
    trusted: value.auth === 'trusted',
    certificate: environment.certificate || undefined,
    certificateFingerprint: environment.certificate_fingerprint || undefined,
    addresses: environment.addresses ?? [],
    project: environment.project,
  }
}

function dialectOf(server: string | undefined, extensions: ReadonlySet<string>): Dialect | undefined {
  if (server === 'lxd' || server === 'incus') return dialects[server]
  if (extensions.has('dev_incus_images')) return dialects.incus
  if (extensions.has('devlxd_images')) return dialects.lxd
  return undefined
}
