import { type Client, isHyperkitError } from '@hyperkit/core'
import { type CallOptions, keeperOf } from '@hyperkit/core/parts'

// Below this size, reading the file a second time costs less than the requests.
const smallest = 64 * 1024 * 1024

// Listing this many images takes a tenth of a second. Listing thousands takes many seconds and blocks all writes to the server for as
// long: with 3,000 images 5 s on LXD 5.0.2 and on Incus 6.0.4.
const mostImages = 100

/**
 * Whether it is certain, and cheap to find out, that the server has no image of this size. Then the file is hashed while it is sent,
 * and not before.
 *
 * The images are counted in `used_by` of their project, which takes the server one query. Even a plain list of images takes Incus
 * more than one.
 */
export async function isSizeUnknown(
  client: Client<boolean>,
  size: number,
  options: CallOptions,
): Promise<boolean> {
  if (size < smallest) return false
  try {
    const count = await countImages(client, options)
    if (count === undefined || count > mostImages) return false
    const images = await client.images.list(options)
    return images.every((image) => image.size !== size)
  } catch (error) {
    // A client that may upload images may not be allowed to see projects. Then the file is read twice.
    if (isHyperkitError(error)) return false
    throw error
  }
}

async function countImages(client: Client<boolean>, options: CallOptions): Promise<number | undefined> {
  const { metadata } = await client.request({ method: 'GET', path: '/1.0', ...options })
  const named = (metadata as { environment?: { project?: unknown } | null } | null)?.environment?.project
  if (typeof named !== 'string' || named === '') return undefined
  const project = await readProject(client, named, options)
  const keeper = keeperOf('images', named, project.config)
  const { used_by: uses } = keeper === named ? project : await readProject(client, keeper, options)
  return Array.isArray(uses)
    ? uses.filter((url) => typeof url === 'string' && url.startsWith('/1.0/images/')).length
    : undefined
}

async function readProject(
  client: Client<boolean>,
  name: string,
  options: CallOptions,
): Promise<{ config?: Record<string, string> | null; used_by?: unknown }> {
  const { metadata } = await client.request({
    method: 'GET',
    path: `/1.0/projects/${encodeURIComponent(name)}`,
    ...options,
  })
  return metadata !== null && typeof metadata === 'object' ? metadata : {}
}
