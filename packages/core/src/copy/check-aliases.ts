import { checkNewAlias } from '../arguments/alias-name.ts'
import type { Client } from '../client.ts'
import { ConflictError } from '../errors/errors.ts'
import { shortFingerprint } from '../model/short-fingerprint.ts'
import type { KeptAttributes } from './kept-attributes.ts'

/**
 * Checks the aliases of a copy before anything is sent.
 *
 * @throws {ConflictError} `already-exists` if a name belongs to another image
 * @throws {ArgumentError} if the server refuses a name
 */
export async function checkAliases(
  target: Client<boolean>,
  { aliases, reuseAliases }: Pick<KeptAttributes, 'aliases' | 'reuseAliases'>,
  fingerprint: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  for (const { name } of aliases) {
    const taken = await target.aliases.find(name, { signal })
    if (taken === undefined)
      checkNewAlias(name, { name: target.name, info: await target.server({ signal }) }, 'aliases')
    if (taken === undefined || taken.target === fingerprint || reuseAliases) continue
    throw new ConflictError(
      'already-exists',
      `Cannot give alias ${JSON.stringify(name)} on "${target.name}" to the copy: it points at ${shortFingerprint(taken.target)}; set reuseAliases (--reuse) to take it over`,
      { server: target.name },
    )
  }
}
