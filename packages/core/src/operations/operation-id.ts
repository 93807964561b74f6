import { ArgumentError } from '../errors/errors.ts'

/**
 * The id in an operation's URL: its last path segment, because a cluster may add `?project=`.
 *
 * @throws {ArgumentError} for anything that cannot be an id, so that no other path is ever requested
 */
export function operationId(idOrUrl: string): string {
  const id = idOrUrl.split('?')[0]?.split('/').pop() ?? ''
  if (!/^[0-9A-Za-z-]{1,64}$/.test(id)) {
    throw new ArgumentError(
      'operation',
      `Cannot find operation ${JSON.stringify(idOrUrl)}: it is not the id or URL of an operation`,
    )
  }
  return id
}
