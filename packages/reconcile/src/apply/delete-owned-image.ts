import { type Client, HyperkitError, type Image } from '@hyperkit/core'
import { type DeleteUnderLockOptions, deleteUnderLock, shortFingerprint } from '@hyperkit/core/parts'
import type { DeleteImage } from '../documents/plan.ts'
import { isLockAlias } from '../ownership/lock-alias.ts'
import { describeHidden } from '../plan/describe-hidden.ts'
import { findOwner } from '../plan/find-owner.ts'
import type { CreationOptions } from './apply-change-options.ts'
import { describeUser } from './describe-user.ts'
import { lockAliasesOf } from './lock-alias-of.ts'

type DeleteOptions = Pick<CreationOptions, 'signal' | 'checkUsage' | 'onWaiting' | 'deletions' | 'key'>

/**
 * Deletes an image with its aliases, after a last check that this is still allowed. Under the lock of deletions, what uses the image is
 * read first, because that takes long, and its aliases and its owner last.
 */
export async function deleteOwnedImage(
  client: Client,
  { image: name, fingerprint, aliases, owner }: DeleteImage,
  { signal, checkUsage, onWaiting, deletions, key }: DeleteOptions,
): Promise<void> {
  const refuse = (why: string): HyperkitError =>
    new HyperkitError(
      'precondition-failed',
      `Cannot delete image "${name}" (${shortFingerprint(fingerprint)}) from "${client.name}": ${why}; plan again`,
      { server: client.name },
    )
  const ofManifest = ` for ${owner}`
  const options = (run: string): DeleteUnderLockOptions => ({
    run,
    owner: `${describeUser()}${ofManifest}`,
    // This run holds the lock of the manifest, so an earlier one was killed. Without that lock, two runs delete the same image.
    isOver: (holder) => holder.owner.endsWith(ofManifest) && !deletions.isLive(holder.run),
    own: owner === null ? [] : lockAliasesOf(owner),
    signal,
    onWait: (holder) => onWaiting?.(`${holder.owner} is deleting an image there`),
    async prepare() {
      const usage = await checkUsage(client, signal)
      if (usage.status === 'hidden') throw refuse(describeHidden(usage.missing))
      if (usage.used.has(fingerprint)) throw refuse('an instance, a snapshot or a profile uses it now')
    },
    check: (now: Image) => {
      const named = now.aliases.filter((alias) => !isLockAlias(alias.name))
      const descriptions = named.map(({ description }) => description)
      if (owner === null || findOwner(now, descriptions) !== owner) throw refuse('its owner has changed')
      const added = named.find((alias) => !aliases.includes(alias.name))
      if (added !== undefined) throw refuse(`alias "${added.name}" points at it now`)
    },
  })
  await deletions.run(key, (run) => deleteUnderLock(client, fingerprint, options(run)))
}
