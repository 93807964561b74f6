import { type Client, HyperkitError, isHyperkitError } from '@hyperkit/core'
import type { CreateAlias, UpdateAlias } from '../plan/plan.ts'
import type { ApplyChangeOptions } from './apply-change-options.ts'

/**
 * One request: a `POST` for a new alias, else a `PUT` under the ETag that the plan was made from. So an alias names an
 * image at every moment, and never one that somebody else chose in between and nobody saw.
 */
export async function pointAlias(
  client: Client,
  change: CreateAlias | UpdateAlias,
  { signal }: ApplyChangeOptions,
): Promise<void> {
  const { alias, after } = change
  try {
    if (change.action === 'create-alias') await client.aliases.create(alias, after, { signal })
    else await client.aliases.update(alias, after, { signal, ifMatch: change.etag ?? undefined })
  } catch (error) {
    signal.throwIfAborted()
    const now = await client.aliases.find(alias, { signal }).catch(() => undefined)
    if (now?.target === after.target && now.description === after.description) return
    if (!isHyperkitError(error, 'precondition-failed') && !isHyperkitError(error, 'already-exists'))
      throw error
    const state = now === undefined ? 'is gone' : `names ${now.target.slice(0, 12)}`
    throw new HyperkitError(
      'precondition-failed',
      `Cannot point alias "${alias}" on "${client.name}" at ${after.target.slice(0, 12)}: somebody changed it since it was read, it ${state} now; plan again`,
      { server: client.name, cause: error },
    )
  }
}
