import { type Alias, type Client, HyperkitError, isHyperkitError } from '@hyperkit/core'
import { shortFingerprint } from '@hyperkit/core/parts'
import type { CreateAlias, UpdateAlias } from '../documents/plan.ts'
import type { ApplyChangeOptions } from './apply-change-options.ts'

/**
 * Points an alias at an image with one request: a `POST` for a new alias, otherwise a `PUT` under the ETag that the plan was
 * made from. So an alias points at an image at every moment, and a change that the plan did not see is never overwritten.
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
    throw new HyperkitError(
      'precondition-failed',
      `Cannot point alias "${alias}" on "${client.name}" at ${shortFingerprint(after.target)}: it was changed since the plan was made: ${describeDifference(change, now)}; plan again`,
      { server: client.name, cause: error },
    )
  }
}

function describeDifference(change: CreateAlias | UpdateAlias, now: Alias | undefined): string {
  const was = change.action === 'create-alias' ? undefined : change.before
  const then = was === undefined ? 'it did not exist' : `it pointed at ${shortFingerprint(was.target)}`
  if (now === undefined) return `${then} and is gone now`
  if (was?.target !== now.target) return `${then} and points at ${shortFingerprint(now.target)} now`
  return `it points at ${shortFingerprint(now.target)} as before, but its description was changed`
}
