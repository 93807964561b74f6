import { type Access, accessOf } from '../disk/read-text.ts'
import type { Environment } from '../transport/transport-options.ts'
import type { Family } from './families.ts'

export interface FoundSocket {
  path: string
  access: Access
}

/**
 * Finds the unix socket of a `unix:` address: the path in the address, else that of the variable, else the socket in the first
 * folder of the server that has one. If this user may not write to it, the socket for users (`unix.socket.user`) is used if that
 * is writable.
 */
export async function findSocket(
  address: string,
  family: Family,
  environment: Environment,
): Promise<FoundSocket> {
  const path = address.slice('unix:'.length).replace(/^\/\//, '') || environment[family.variables.socket]
  if (path) return { path, access: await accessOf(path) }
  const folder = environment[family.variables.dir]?.replace(/\/+$/, '')
  const folders = folder ? [folder] : family.serverFolders
  let first: FoundSocket | undefined
  for (const name of folders) {
    const socket = { path: `${name}/unix.socket`, access: await accessOf(`${name}/unix.socket`) }
    if (socket.access === 'writable') return socket
    const forUsers = `${name}/unix.socket.user`
    if ((await accessOf(forUsers)) === 'writable') return { path: forUsers, access: 'writable' }
    if (first === undefined || (first.access === 'absent' && socket.access === 'present')) first = socket
  }
  return first ?? { path: '', access: 'absent' }
}
