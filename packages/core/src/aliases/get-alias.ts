import { NotFoundError, ServerError } from '../errors/errors.ts'
import { isHyperkitError } from '../errors/is-hyperkit-error.ts'
import { aliasPath } from '../http/alias-path.ts'
import type { CallOptions } from '../http/call.ts'
import type { Connection } from '../http/connection.ts'
import { type Alias, aliasSchema, readAlias } from '../model/alias.ts'
import { listImageAliases } from './list-image-aliases.ts'

/**
 * One alias, with its ETag; `not-found` if there is none. If a client may see images but not aliases, the alias is read from its
 * image, without an ETag.
 */
export async function getAlias(
  connection: Connection,
  name: string,
  options: CallOptions = {},
): Promise<Alias> {
  try {
    return await readNamedAlias(connection, name, options)
  } catch (error) {
    if (!isUnseen(error)) throw error
    const view = await connection.view(options)
    if (view.sees !== 'images') throw error
    const found = (await listImageAliases(connection, options)).find((alias) => alias.name === name)
    if (found !== undefined) return found
    throw absent(connection, name, error)
  }
}

function isUnseen(error: unknown): error is ServerError {
  return error instanceof ServerError && error.code === 'not-authorized' && error.status === 404
}

function absent(connection: Connection, name: string, cause: ServerError): NotFoundError {
  return new NotFoundError(
    `Cannot read alias ${JSON.stringify(name)} on "${connection.name}": no image has it`,
    { server: connection.name, cause },
  )
}

async function readNamedAlias(connection: Connection, name: string, options: CallOptions): Promise<Alias> {
  const { value, answer } = await connection.read(aliasSchema, {
    method: 'GET',
    path: aliasPath(name),
    action: `read alias ${JSON.stringify(name)}`,
    ...options,
  })
  return readAlias(value, answer.etag)
}

/** One alias, or undefined if it is not found. Any other failure is thrown: it must never pass for an absent alias. */
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
