import { ArgumentError } from '../errors/errors.ts'
import { isHyperkitError } from '../errors/is-hyperkit-error.ts'
import { expandFingerprint } from '../fingerprints/expand-fingerprint.ts'
import type { CallOptions } from '../http/call.ts'
import type { Connection } from '../http/connection.ts'
import type { Alias } from '../model/alias.ts'
import { aliasPath } from './alias-path.ts'
import { getAlias } from './get-alias.ts'

/** What is to change of an alias; one of the two at least (`alias-attributes-required`). */
export interface AliasChanges {
  target?: string | undefined
  description?: string | undefined
}

/** Options of `aliases.update`. */
export interface UpdateAliasOptions extends CallOptions {
  /** ETag that the alias must still have; without it, a change by somebody else in between is read and kept. */
  ifMatch?: string | undefined
}

const attempts = 5

/**
 * Changes what is named and keeps the rest: a read, then one `PUT` under the ETag, which the server compares atomically,
 * so that the alias names an image at every moment.
 *
 * Never a `PATCH`: on LXD 5.0.2 to 5.20 that blocks the whole server for 20 seconds and changes nothing.
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
