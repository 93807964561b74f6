import * as v from 'valibot'
import { guardListing } from '../fingerprints/guard-listing.ts'
import type { CallOptions } from '../http/call.ts'
import type { Connection } from '../http/connection.ts'
import type { Alias } from '../model/alias.ts'
import { imageSchema, readImage } from '../model/image.ts'

/**
 * All aliases, read from the images. Each alias belongs to an image, so a client that sees all images sees all aliases, even if
 * it may not ask for them (T75). They have no ETag.
 *
 * @throws {TruncatedListError} if the server took so long that it may have left some out
 */
export async function listImageAliases(connection: Connection, options: CallOptions): Promise<Alias[]> {
  const guard = await guardListing(connection, 'images', options)
  const { value } = await connection.read(v.nullish(v.array(imageSchema)), {
    method: 'GET',
    path: '/1.0/images',
    query: { recursion: '1' },
    action: 'list the aliases of images',
    ...options,
  })
  const images = (value ?? []).map((raw) => readImage(raw))
  await guard(images.length)
  return images.flatMap(({ fingerprint: target, type, aliases }) =>
    aliases.map(({ name, description }) => ({ name, description, target, type, etag: undefined })),
  )
}
