import { ArgumentError } from '../errors/errors.ts'
import { isHyperkitError } from '../errors/is-hyperkit-error.ts'
import { expandFingerprint } from '../fingerprints/expand-fingerprint.ts'
import { aliasPath } from '../http/alias-path.ts'
import type { CallOptions } from '../http/call.ts'
import type { Connection } from '../http/connection.ts'
import type { Alias } from '../model/alias.ts'
import { getAlias } from './get-alias.ts'

/** The changes to an alias; at least one of the two is needed (`alias-attributes-required`). */
export interface AliasChanges {
  target?: string | undefined
  description?: string | undefined
}

/** Options of `aliases.update`. */
export interface UpdateAliasOptions extends CallOptions {
  /** The ETag that the alias must still have. Without it, a change by another client in between is read and kept. */
  ifMatch?: string | undefined
}

const attempts = 5

/**
 * Changes the given fields and keeps the rest: a read, then one `PUT` under the ETag, which the server compares atomically. So the
 * alias points at an image at every moment.
 *
 * It does not use `PATCH`, which blocks the whole server for 20 seconds on LXD 5.0.2 to 5.20 and changes nothing.
 */
export async function updateAlias(
  connection: Connection,
  name: string,
  changes: AliasChanges,
  options: UpdateAliasOptions = {},
): Promise<Alias> {
  const { ifMatch, ...call } = options
  if (changes?.target === undefined && changes?.description === undefined) {
    throw new ArgumentError(
      'changes',
      `Cannot update alias ${JSON.stringify(name)} without a change: give a target or a description`,
      {
        code: 'alias-attributes-required',
      },
    )
  }
  const target =
    changes.target === undefined ? undefined : await expandFingerprint(connection, changes.target, call)
  for (let attempt = 1; ; attempt++) {
    const now = await getAlias(connection, name, call)
    try {
      await connection.ask({
        method: 'PUT',
        path: aliasPath(name),
        json: { target: target ?? now.target, description: changes.description ?? now.description },
        ifMatch: ifMatch ?? now.etag,
        action: `update alias ${JSON.stringify(name)}`,
        ...call,
      })
      return await getAlias(connection, name, call)
    } catch (error) {
      if (ifMatch !== undefined || attempt === attempts || !isHyperkitError(error, 'precondition-failed'))
        throw error
    }
  }
}
