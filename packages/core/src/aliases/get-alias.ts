import { isHyperkitError } from '../errors/hyperkit-error.ts'
import type { CallOptions } from '../http/call.ts'
import type { Connection } from '../http/connection.ts'
import { type Alias, aliasSchema, readAlias } from '../model/alias.ts'
import { aliasPath } from './alias-path.ts'

/** One alias, with its ETag; `not-found` where there is none. */
export async function getAlias(
  connection: Connection,
  name: string,
  options: CallOptions = {},
): Promise<Alias> {
  const { value, answer } = await connection.read(aliasSchema, {
    method: 'GET',
    path: aliasPath(name),
    action: `read alias ${JSON.stringify(name)}`,
    ...options,
  })
  return readAlias(value, answer.etag)
}

/** One alias, or undefined. Any failure but "not found" is an error: it must never be taken for an absent alias. */
export async function findAlias(
  connection: Connection,
  name: string,
  options: CallOptions = {},
): Promise<Alias | undefined> {
  try {
    return await getAlias(connection, name, options)
  } catch (error) {
    if (isHyperkitError(error, 'not-found')) return undefined
    throw error
  }
}
