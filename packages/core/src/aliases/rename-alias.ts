import { checkAliasName, checkNewAlias } from '../arguments/alias-name.ts'
import { ConflictError } from '../errors/errors.ts'
import { isHyperkitError } from '../errors/is-hyperkit-error.ts'
import { aliasPath } from '../http/alias-path.ts'
import type { CallOptions } from '../http/call.ts'
import type { Connection } from '../http/connection.ts'
import type { Alias } from '../model/alias.ts'
import type { ServerInfo } from '../model/server-info.ts'
import { createAlias } from './create-alias.ts'
import { deleteAlias } from './delete-alias.ts'
import { getAlias } from './get-alias.ts'

/**
 * Gives an alias another name; `already-exists` if that name is taken, even by the alias itself.
 *
 * LXD 5.0.2 to 5.20 needs 10 seconds for a rename and answers no other request meanwhile. There, the new alias is created before
 * the old one is deleted: for a moment both exist, and at no moment neither. If that was interrupted, the next rename finds both, alike, and
 * ends it.
 */
export async function renameAlias(
  connection: Connection,
  name: string,
  newName: string,
  options: CallOptions = {},
): Promise<Alias> {
  checkAliasName(name)
  checkAliasName(newName, 'newName')
  const info = await connection.server(options)
  if (name !== newName) checkNewAlias(newName, { name: connection.name, info }, 'newName')
  if (!renameBlocks(info)) {
    await connection.ask({
      method: 'POST',
      path: aliasPath(name),
      json: { name: newName },
      action: `rename alias ${JSON.stringify(name)} to ${JSON.stringify(newName)}`,
      ...options,
    })
    return getAlias(connection, newName, options)
  }
  const old = await getAlias(connection, name, options)
  if (name === newName) throw taken(connection, newName)
  const isSame = ({ target, description }: Alias): boolean =>
    target === old.target && description === old.description
  const renamed = await createOrFind(connection, newName, old, isSame, options)
  await deleteAlias(connection, name, { ...options, isStillMeant: isSame })
  return renamed
}

async function createOrFind(
  connection: Connection,
  newName: string,
  { target, description }: Alias,
  isSame: (alias: Alias) => boolean,
  options: CallOptions,
): Promise<Alias> {
  try {
    return await createAlias(connection, newName, { target, description }, options)
  } catch (error) {
    if (!isHyperkitError(error, 'already-exists')) throw error
    const found = await getAlias(connection, newName, options)
    if (isSame(found)) return found
    throw error
  }
}

function renameBlocks(server: ServerInfo): boolean {
  if (server.dialect.kind !== 'lxd') return false
  const [major = 0, minor = 0, patch = 0] = (server.version ?? '5.0.2').split('.').map(Number)
  if (major !== 5) return false
  return minor === 0 ? patch >= 2 : minor >= 5 && minor <= 20
}

function taken(connection: Connection, name: string): ConflictError {
  return new ConflictError(
    'already-exists',
    `Cannot rename alias ${JSON.stringify(name)} on "${connection.name}" to itself`,
    { server: connection.name },
  )
}
