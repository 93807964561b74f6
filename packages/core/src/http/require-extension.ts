import { UnsupportedError } from '../errors/errors.ts'
import type { ServerInfo } from '../model/server-info.ts'
import { supports } from '../model/supports.ts'
import type { CallOptions } from './call.ts'
import type { Connection } from './connection.ts'

/**
 * Makes sure that a server has an extension. If the server lists no extensions for strangers, the call is tried.
 *
 * @param instead what this server offers in its place
 * @throws {UnsupportedError} if the server lacks the extension and would silently ignore the request
 */
export async function requireExtension(
  connection: Connection,
  extension: string,
  what: string,
  options: CallOptions,
  instead?: (server: ServerInfo) => string,
): Promise<void> {
  const server = await connection.server(options)
  const { name } = connection
  refuseExtension(server, extension, { name, what: `${what} on "${name}"`, instead: instead?.(server) })
}

/** The same of a server that was read. */
export function refuseExtension(
  server: ServerInfo,
  extension: string,
  { name, what, instead }: { name: string; what: string; instead: string | undefined },
): void {
  if (supports(server, extension) !== false) return
  throw new UnsupportedError(
    `Cannot ${what}: this ${server.dialect.kind === 'lxd' ? 'LXD' : 'Incus'}${server.version ? ` ${server.version}` : ''} lacks the API extension "${extension}"${instead === undefined ? '' : `; ${instead}`}`,
    { server: name, extension },
  )
}
