import { UnsupportedError } from '../errors/errors.ts'
import type { ServerInfo } from '../model/server-info.ts'
import { supports } from '../model/supports.ts'
import type { CallOptions } from './call.ts'
import type { Connection } from './connection.ts'

/**
 * Goes on where the server tells strangers no extensions: what is unknown is tried.
 *
 * @param instead what this server has in its place
 * @throws {UnsupportedError} where the server would ignore what is asked, in silence
 */
export async function requireExtension(
  connection: Connection,
  extension: string,
  what: string,
  options: CallOptions,
  instead?: (server: ServerInfo) => string,
): Promise<void> {
  const server = await connection.server(options)
  if (supports(server, extension) !== false) return
  throw new UnsupportedError(
    `Cannot ${what} on "${connection.name}": this ${server.dialect.kind === 'lxd' ? 'LXD' : 'Incus'}${server.version ? ` ${server.version}` : ''} lacks the API extension "${extension}"${instead === undefined ? '' : `; ${instead(server)}`}`,
    { server: connection.name, extension },
  )
}
