import { isHyperkitError } from '../errors/is-hyperkit-error.ts'
import { expandFingerprint } from '../fingerprints/expand-fingerprint.ts'
import type { CallOptions } from '../http/call.ts'
import type { Connection } from '../http/connection.ts'
import type { Alias } from '../model/alias.ts'
import { type AliasAttributes, createAlias } from './create-alias.ts'
import { findAlias } from './get-alias.ts'
import { updateAlias } from './update-alias.ts'

/** What `aliases.set` did, and the alias as it is now. */
export interface SetAlias {
  alias: Alias
  change: 'created' | 'retargeted' | 'described' | 'unchanged'
}

const attempts = 5

/** Creates or retargets an alias. Without a description, an existing alias keeps its own. */
export async function setAlias(
  connection: Connection,
  name: string,
  attributes: AliasAttributes,
  options: CallOptions = {},
): Promise<SetAlias> {
  const target = await expandFingerprint(connection, attributes.target, options)
  for (let attempt = 1; ; attempt++) {
    const now = await findAlias(connection, name, options)
    try {
      if (!now)
        return {
          alias: await createAlias(connection, name, { ...attributes, target }, options),
          change: 'created',
        }
      const description = attributes.description ?? now.description
      if (now.target === target && now.description === description) return { alias: now, change: 'unchanged' }
      const alias = await updateAlias(
        connection,
        name,
        { target, description },
        { ...options, ifMatch: now.etag },
      )
      return { alias, change: now.target === target ? 'described' : 'retargeted' }
    } catch (error) {
      // Another client was faster: read the alias again.
      const raced =
        isHyperkitError(error, 'already-exists') ||
        isHyperkitError(error, 'precondition-failed') ||
        (now && isHyperkitError(error, 'not-found'))
      if (!raced || attempt === attempts) throw error
    }
  }
}
