import { type Client, HyperkitError, isHyperkitError } from '@hyperkit/core'
import { shortFingerprint } from '@hyperkit/core/parts'
import type { DeleteImage } from '../documents/plan.ts'
import { isLockAlias } from '../ownership/lock-alias.ts'
import { describeHidden } from '../plan/describe-hidden.ts'
import { findOwner } from '../plan/find-owner.ts'
import type { CreationOptions } from './apply-change-options.ts'

/** Deletes an image with its aliases, after a last check that this is still allowed. */
export async function deleteOwnedImage(
  client: Client,
  { image: name, fingerprint, aliases, owner }: DeleteImage,
  { signal, checkUsage }: Pick<CreationOptions, 'signal' | 'checkUsage'>,
): Promise<void> {
  const now = await client.images.find(fingerprint, { signal })
  if (now === undefined) return
  const refuse = (why: string): HyperkitError =>
    new HyperkitError(
      'precondition-failed',
      `Cannot delete image "${name}" (${shortFingerprint(fingerprint)}) from "${client.name}": ${why}; plan again`,
      { server: client.name },
    )
  const named = now.aliases.filter((alias) => !isLockAlias(alias.name))
  const descriptions = named.map(({ description }) => description)
  if (owner === null || findOwner(now, descriptions) !== owner) throw refuse('its owner has changed')
  const added = named.find((alias) => !aliases.includes(alias.name))
  if (added !== undefined) throw refuse(`alias "${added.name}" points at it now`)
  const usage = await checkUsage(client, signal)
  if (usage.status === 'hidden') throw refuse(describeHidden(usage.missing))
  if (usage.used.has(fingerprint)) throw refuse('an instance, a snapshot or a profile uses it now')
  try {
    await client.images.delete(fingerprint, { signal })
  } catch (error) {
    if (!isHyperkitError(error, 'not-found')) throw error
  }
}
