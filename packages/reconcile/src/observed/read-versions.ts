import { type Client, type Image, isHyperkitError, TransportError } from '@hyperkit/core'
import { readMark } from '../ownership/alias-mark.ts'
import { readCreationMark } from '../ownership/creation-mark.ts'
import { isLockAlias } from '../ownership/lock-alias.ts'
import { ownerProperty } from '../ownership/owner-property.ts'
import { requireView } from '../sources/require-view.ts'
import type { ObservedVersion, ReadVersions } from './observed.ts'
import { readUsageOnce } from './read-usage.ts'

/**
 * All images of a server that any manifest has marked. This lists all images, which blocks writes meanwhile, and which a
 * server with thousands of images truncates silently. If the list may be truncated, or the server could not read an instance,
 * the result is `unread`.
 *
 * @param listed all images, if they have just been listed
 * @throws {TransportError} if the server cannot be reached any more: it then counts as unread as a whole
 */
export async function readVersions(
  client: Client,
  signal: AbortSignal | undefined,
  askUsage = readUsageOnce(client, signal),
  listed?: readonly Image[],
): Promise<ReadVersions> {
  try {
    await requireView(client, signal)
    const images = listed ?? (await client.images.list({ signal }))
    // Usage is read last, so that an instance that is created from an image meanwhile is seen.
    const usage = await askUsage()
    return {
      status: 'read',
      ...(usage.status === 'shown' ? {} : { usageHidden: usage.missing }),
      images: images
        .map((image) => ({ ...image, aliases: image.aliases.filter(({ name }) => !isLockAlias(name)) }))
        .filter(
          (image) =>
            Object.hasOwn(image.properties, ownerProperty) ||
            readCreationMark(image) !== undefined ||
            image.aliases.some(({ description }) => readMark(description).owner !== null),
        )
        .map(
          ({ fingerprint, size, uploadedAt, properties, cached, aliases }): ObservedVersion => ({
            fingerprint,
            size,
            uploadedAt,
            properties,
            cached,
            aliases,
            inUse: usage.status === 'shown' ? usage.used.has(fingerprint) : undefined,
          }),
        ),
    }
  } catch (error) {
    signal?.throwIfAborted()
    if (!isHyperkitError(error) || error instanceof TransportError) throw error
    return { status: 'unread', error: { code: error.code, message: error.message } }
  }
}
