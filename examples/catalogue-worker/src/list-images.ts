import { type CatalogueImage, searchTextOf, titleOf, toCatalogueImage } from './catalogue-image.ts'
import type { Settings } from './settings.ts'

export interface Listing {
  images: CatalogueImage[]
  /** ISO 8601: when the server said so. */
  asOf: string
  /** The server does not answer now; this is what it said last. */
  stale: boolean
}

const remembered = new WeakMap<Settings, Listing>()

/** An old listing is better than none, for a day. */
const keepFor = 86_400_000

/**
 * The public images of the server, newest first. Asked at most once in `maxAge` seconds: a long listing makes a server
 * wait with all its writes.
 */
export async function listImages(settings: Settings): Promise<Listing> {
  const last = remembered.get(settings)
  const age = last === undefined ? Number.POSITIVE_INFINITY : Date.now() - Date.parse(last.asOf)
  if (last !== undefined && age < settings.maxAge * 1000) return last
  try {
    const images = await settings.client.images.list({ filter: { public: true } })
    const listing: Listing = {
      images: images.flatMap((image) => toCatalogueImage(image) ?? []).sort(byAge),
      asOf: new Date().toISOString(),
      stale: false,
    }
    remembered.set(settings, listing)
    return listing
  } catch (error) {
    if (last === undefined || age > keepFor) throw error
    console.error(String(error))
    return { ...last, stale: true }
  }
}

/** All words of the query must be somewhere in what is known of the image. */
export function searchImages(images: readonly CatalogueImage[], query: string): CatalogueImage[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean)
  return images.filter((image) => {
    const text = searchTextOf(image)
    return words.every((word) => text.includes(word))
  })
}

function byAge(a: CatalogueImage, b: CatalogueImage): number {
  const [left, right] = [a.uploadedAt ?? '', b.uploadedAt ?? '']
  if (left !== right) return left < right ? 1 : -1
  return titleOf(a) < titleOf(b) ? -1 : 1
}
