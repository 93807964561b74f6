import { type ListedImage, rootfsKinds } from './images-of-products.ts'
import type { StreamImage } from './stream-image.ts'

/**
 * The images in the order in which servers search them, each with the names that stand for it. A name stands for the newest version of a
 * product, and within it for the most preferred root file system.
 *
 * LXD and Incus each see only the entries that they read; if they choose different images, both images carry the name.
 */
export function nameImages(images: readonly ListedImage[]): StreamImage[] {
  const taken = new Set<string>()
  return [...images].sort(compare).map(({ names, ...image }) => {
    const label = image.properties.architecture ?? image.architecture
    const aliases = names
      .flatMap((name) => [name, `${name}/${label}`])
      .filter((name) => {
        const keys = image.readBy.map((kind) => [kind, image.type, image.architecture, name].join(' '))
        const free = keys.filter((key) => !taken.has(key))
        for (const key of free) taken.add(key)
        return free.length > 0
      })
    return { ...image, aliases }
  })
}

function compare(a: ListedImage, b: ListedImage): number {
  for (const key of ['os', 'release', 'variant', 'serial', 'architecture']) {
    const [one = '', two = ''] = [a.properties[key], b.properties[key]]
    if (one === two) continue
    if (one === '' || two === '') return one === '' ? 1 : -1
    return one < two === (key !== 'serial') ? -1 : 1
  }
  return rankOf(a) - rankOf(b)
}

function rankOf({ properties }: ListedImage): number {
  return rootfsKinds.findIndex(({ ftype }) => ftype === properties.type)
}
