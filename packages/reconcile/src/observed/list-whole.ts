import { type Client, type Image, isHyperkitError, TransportError } from '@hyperkit/core'
import * as v from 'valibot'

/** Fewer images and aliases than this are read by name: that takes no longer, and blocks nothing. */
const fewest = 16

/** Listing more images than this takes a second or more, in which the server writes nothing (T27). It is a tenth of what LXD cuts (T1). */
const mostImages = 1_000

const answered = v.looseObject({ used_by: v.nullish(v.array(v.string())) })

/**
 * All images of a server, if a list of them takes less than reading what is wanted by name, and is surely whole: the server counts the
 * images of a project in another way (`used_by`), and the list must have as many. Servers leave out of a list, without a word, what they could
 * not load in time (T1, T45).
 *
 * @param project that holds the images
 * @param wanted how many requests would read them by name
 * @returns undefined if they have to be read by name
 */
export async function listWhole(
  client: Client,
  { project, wanted }: { project: string | undefined; wanted: number },
  signal: AbortSignal | undefined,
): Promise<Image[] | undefined> {
  if (project === undefined || wanted < fewest) return undefined
  try {
    const count = await countImages(client, project, signal)
    if (count === undefined || count > Math.min(mostImages, 2 * wanted)) return undefined
    const images = await client.images.list({ signal })
    return images.length === count ? images : undefined
  } catch (error) {
    // Then each is asked for by its name, which shows what is the matter.
    if (!isHyperkitError(error) || error instanceof TransportError) throw error
    return undefined
  }
}

async function countImages(
  client: Client,
  project: string,
  signal: AbortSignal | undefined,
): Promise<number | undefined> {
  const path = `/1.0/projects/${encodeURIComponent(project)}`
  const { metadata } = await client.request({ method: 'GET', path, action: 'count the images', signal })
  const read = v.safeParse(answered, metadata)
  return read.success
    ? read.output.used_by?.filter((url) => url.startsWith('/1.0/images/')).length
    : undefined
}
