import { type Client, isHyperkitError } from '@hyperkit/core'
import { readMark } from '../ownership/alias-mark.ts'
import { readNote } from '../ownership/creation-note.ts'
import { isLockAlias } from '../ownership/lock-alias.ts'
import { ownerProperty } from '../ownership/owner-property.ts'
import type { ObservedVersion, ReadVersions } from './observed.ts'

/**
 * All images of a server that any manifest marked. It takes the whole listing, which blocks writes meanwhile and which a
 * server with thousands of images cuts without a word: where it may be cut, or nobody can say which images instances were
 * made from, nothing is known.
 */
export async function readVersions(client: Client, signal: AbortSignal | undefined): Promise<ReadVersions> {
  try {
    const images = await client.images.list({ signal })
    const used = await client.images.used({ signal })
    return {
      status: 'read',
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
            inUse: used.has(fingerprint),
          }),
        ),
    }
  } catch (error) {
    signal?.throwIfAborted()
    const code = isHyperkitError(error) ? error.code : 'unexpected'
    return {
      status: 'unread',
      error: { code, message: error instanceof Error ? error.message : String(error) },
    }
  }
}
