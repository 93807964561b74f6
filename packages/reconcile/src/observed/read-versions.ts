import { type Client, isHyperkitError, TransportError } from '@hyperkit/core'
import { readMark } from '../ownership/alias-mark.ts'
import { readNote } from '../ownership/creation-note.ts'
import { isLockAlias } from '../ownership/lock-alias.ts'
import { ownerProperty } from '../ownership/owner-property.ts'
import { requireView } from '../sources/require-view.ts'
import type { ObservedVersion, ReadVersions } from './observed.ts'
import { readUsageOnce } from './read-usage.ts'

/**
 * All images of a server that any manifest marked. It takes the whole listing, which blocks writes meanwhile and which a
 * server with thousands of images cuts without a word: where it may be cut, or the server could not read an instance,
 * nothing is known. A server that cannot be reached any more is no such case: it counts as unread, as with every other read.
 *
 * @throws {TransportError}
 */
export async function readVersions(
  client: Client,
  signal: AbortSignal | undefined,
  askUsage = readUsageOnce(client, signal),
): Promise<ReadVersions> {
  try {
    await requireView(client, signal)
    const images = await client.images.list({ signal })
    // Asked last: an instance that is made of an image meanwhile is seen.
    const usage = await askUsage()
    return {
      status: 'read',
      ...(usage.status === 'shown' ? {} : { usageHidden: usage.missing }),
      images: images
        .map((image) => ({ ...image, aliases: image.aliases.filter(({ name }) => !isLockAlias(name)) }))
        .filter(
          (image) =>
            Object.hasOwn(image.properties, ownerProperty) ||
            readNote(image) !== undefined ||
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
