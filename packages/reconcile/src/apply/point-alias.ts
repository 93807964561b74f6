import { type Alias, type Client, HyperkitError, isHyperkitError } from '@hyperkit/core'
import { type LockHolder, outlastDeletion, postAlias, shortFingerprint } from '@hyperkit/core/parts'
import type { CreateAlias, UpdateAlias } from '../documents/plan.ts'
import type { ApplyChangeOptions } from './apply-change-options.ts'
import { lockAliasOf } from './lock-alias-of.ts'

/**
 * Points an alias at an image with one request: a `POST` for a new alias, otherwise a `PUT` under the ETag that the plan was
 * made from. So an alias points at an image at every moment, and a change that the plan did not see is never overwritten.
 *
 * Another run may be about to delete the image. A new alias keeps later deletions away by itself; before an alias is moved, the lock of
 * the manifest does that, which becomes an alias of the image. A deletion that has begun before is waited for.
 */
export async function pointAlias(
  client: Client,
  change: CreateAlias | UpdateAlias,
  { signal, manifest, onWaiting, onWarning }: ApplyChangeOptions,
): Promise<void> {
  const { alias, after } = change
  const onWait = ({ owner }: LockHolder): void => onWaiting?.(`${owner} is deleting the image there`)
  const isMoved = change.action === 'update-alias' && change.before.target !== after.target
  if (isMoved && (await holdImage(client, manifest, after.target, signal)))
    await outlastDeletion(client, after.target, { signal, onWait })
  else if (isMoved)
    onWarning?.(
      `alias "${alias}" was moved without a lock of the manifest, so another run could delete the image meanwhile`,
    )
  await point(client, change, signal)
  if (change.action === 'create-alias') await outlastDeletion(client, after.target, { signal, onWait })
}

/** Makes the lock of the manifest an alias of the image; false if there is no lock. */
async function holdImage(
  client: Client,
  manifest: string,
  fingerprint: string,
  signal: AbortSignal,
): Promise<boolean> {
  const lock = lockAliasOf(manifest)
  try {
    await client.aliases.update(lock, { target: fingerprint }, { signal })
    return true
  } catch (error) {
    signal.throwIfAborted()
    const isMissing = isHyperkitError(error, 'not-found') || isHyperkitError(error, 'not-authorized')
    if (!isMissing) throw error
    return false
  }
}

async function point(client: Client, change: CreateAlias | UpdateAlias, signal: AbortSignal): Promise<void> {
  const { alias, after } = change
  try {
    if (change.action === 'create-alias') await postAlias(client, alias, after, { signal })
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
