import * as v from 'valibot'
import { ArgumentError } from '../errors/errors.ts'
import { guardListing } from '../fingerprints/guard-listing.ts'
import type { CallOptions } from '../http/call.ts'
import type { Connection } from '../http/connection.ts'
import { requireExtension } from '../http/require-extension.ts'
import { type Image, imageSchema, readImage } from '../model/image.ts'
import { supports } from '../model/supports.ts'
import { checkFilter, type ImageFilter, matchesFilter, serverFilter } from './image-filter.ts'

/** Options of `images.list`. */
export interface ListImagesOptions extends CallOptions {
  /** Only images that meet all conditions. */
  filter?: ImageFilter | undefined
  /** Lists the images of all projects; needs the extension `images_all_projects`. */
  allProjects?: boolean | undefined
}

/**
 * All images of the project as full records, in one request, sorted by fingerprint.
 *
 * @throws {TruncatedListError} if the server took so long that it may have left some out
 */
export async function listImages(connection: Connection, options: ListImagesOptions = {}): Promise<Image[]> {
  const { filter, allProjects, ...call } = options
  if (filter) checkFilter(filter)
  if (allProjects && call.project !== undefined) {
    throw new ArgumentError(
      'allProjects',
      `Cannot list images of all projects and of project "${call.project}" at once: give one of them`,
    )
  }
  if (allProjects)
    await requireExtension(connection, 'images_all_projects', 'list the images of all projects', call)
  const server = await connection.server(call)
  const scope = allProjects ? connection.inAllProjects() : connection
  const guard = await guardListing(scope, 'images', call)
  const { value } = await scope.read(v.nullish(v.array(imageSchema)), {
    method: 'GET',
    path: '/1.0/images',
    query: {
      recursion: '1',
      'all-projects': allProjects ? 'true' : undefined,
      filter:
        filter && supports(server, 'api_filtering') !== false
          ? serverFilter(filter, server.dialect)
          : undefined,
    },
    action: 'list images',
    ...call,
  })
  const images = (value ?? []).map((raw) => readImage(raw))
  await guard(images.length)
  const wanted = filter ? images.filter((image) => matchesFilter(image, filter)) : images
  return wanted.sort((a, b) => (a.fingerprint < b.fingerprint ? -1 : 1))
}
