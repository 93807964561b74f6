import { type Client, HyperkitError, type Image, type Operation } from '@hyperkit/core'
import { deleteUnderLock } from '@hyperkit/core/parts'
import { readUsage } from '../observed/read-usage.ts'
import { creationProperty } from '../ownership/creation-mark.ts'
import { isLockAlias } from '../ownership/lock-alias.ts'
import { ownerProperty } from '../ownership/owner-property.ts'
import type { CreationOptions } from './apply-change-options.ts'
import { describeUser } from './describe-user.ts'
import { lockAliasesOf } from './lock-alias-of.ts'

type StrayOptions = Pick<CreationOptions, 'signal' | 'manifest' | 'deletions' | 'key' | 'imageMutex'>

/**
 * Deletes an image that came by mistake, if this operation brought it and nothing uses it yet; otherwise it stays. Another change of this run may
 * bring the same image on purpose: then it stays too, as waiting for that change could be mutual.
 *
 * @returns whether it was deleted
 */
export async function removeStray(
  client: Client,
  arrived: Image,
  operation: Operation | undefined,
  options: StrayOptions,
): Promise<boolean> {
  const { fingerprint } = arrived
  const { imageMutex, key } = options
  const imageKey = `${key} ${fingerprint}`
  if (imageMutex.isTaken(imageKey)) return false
  return imageMutex.run(imageKey, async () => {
    try {
      if (isBroughtBy(operation, arrived) && (await deleteUnused(client, fingerprint, options))) return true
    } catch {
      // Something uses it or may use it, or it could not be deleted.
    }
    await client.images.patch(fingerprint, { properties: { [creationProperty]: '' } }).catch(() => undefined)
    return false
  })
}

function isBroughtBy(operation: Operation | undefined, { uploadedAt }: Image): boolean {
  const began = operation?.createdAt?.getTime()
  // Servers give the time of an upload in whole seconds.
  return began !== undefined && uploadedAt !== undefined && uploadedAt.getTime() >= began - 1000
}

/** What uses the image is read first, because that takes long, and its aliases and its owner last. */
async function deleteUnused(
  client: Client,
  fingerprint: string,
  { signal, manifest, deletions, key }: StrayOptions,
): Promise<boolean> {
  const ofManifest = ` for ${manifest}`
  const refuse = (why: string): HyperkitError =>
    new HyperkitError('precondition-failed', `Cannot delete image ${fingerprint}: ${why}`)
  return deletions.run(key, (run) =>
    deleteUnderLock(client, fingerprint, {
      run,
      owner: `${describeUser()}${ofManifest}`,
      // This run holds the lock of the manifest, so an earlier one was killed.
      isOver: (holder) => holder.owner.endsWith(ofManifest) && !deletions.isLive(holder.run),
      own: lockAliasesOf(manifest),
      signal,
      async prepare() {
        // A reading that an earlier deletion left may be older than the image.
        const usage = await readUsage(client, signal)
        // If the use is hidden, the image may be in use.
        if (usage.status === 'hidden' || usage.used.has(fingerprint)) throw refuse('something uses it')
      },
      check({ aliases, properties }) {
        if (aliases.some(({ name }) => !isLockAlias(name))) throw refuse('an alias points at it')
        if (Object.hasOwn(properties, ownerProperty)) throw refuse('a manifest owns it')
      },
    }),
  )
}
