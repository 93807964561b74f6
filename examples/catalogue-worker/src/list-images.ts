import { type CatalogueImage, searchTextOf, titleOf, toCatalogueImage } from './catalogue-image.ts'
import type { Settings } from './settings.ts'

export interface Listing {
  images: CatalogueImage[]
  /** ISO 8601: when the server sent this listing. */
  asOf: string
  /** Whether the server does not answer now and this is its last listing. */
  stale: boolean
}

const remembered = new WeakMap<Settings, Listing>()

/** An old listing is shown for a day if the server does not answer. */
const keepFor = 86_400_000

/**
 * The public images of the server, newest first. They are listed at most once in `maxAge` seconds, because a long listing blocks
 * all writes on the server.
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

/** An image matches if its facts contain all words of the query. */
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
