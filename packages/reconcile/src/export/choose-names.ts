import type { InventoryImage, ServerInventory } from '../observed/inventory.ts'
import { readNames } from '../ownership/owner-property.ts'

/** An image on a server. */
export interface Holding {
  server: string
  image: InventoryImage
}

/** One entry of a manifest: an image with its name, and the servers that have it under that name. */
export interface NamedImage {
  name: string
  fingerprint: string
  on: Holding[]
}

/**
 * Names each image after one of its aliases, on all servers that have both. Images with few aliases choose first, so that a
 * name means one image where possible. If every alias of an image is taken, a name is used again for other servers.
 *
 * @param keyOf gives equal keys for images with the same source, whatever their fingerprints are
 */
export function chooseNames(
  servers: readonly ServerInventory[],
  keyOf: (image: InventoryImage) => string,
): NamedImage[] {
  const named: NamedImage[] = []
  const taken = new Set<string>()
  for (const group of groupByKey(servers, keyOf)) {
    let left = group
    for (;;) {
      const best = bestName(left, taken) ?? bestName(left, new Set())
      if (best === undefined) break
      const on = left.filter(({ image }) => hasAlias(image, best))
      taken.add(best)
      named.push({ name: best, fingerprint: on[0]?.image.fingerprint ?? '', on })
      left = left.filter((holding) => !on.includes(holding))
    }
  }
  return named.sort((a, b) => compare([a.name, a.on[0]?.server], [b.name, b.on[0]?.server]))
}

function compare(a: readonly (string | undefined)[], b: readonly (string | undefined)[]): number {
  const at = a.findIndex((text, index) => text !== b[index])
  return at < 0 ? 0 : (a[at] ?? '') < (b[at] ?? '') ? -1 : 1
}

function groupByKey(
  servers: readonly ServerInventory[],
  keyOf: (image: InventoryImage) => string,
): Holding[][] {
  const groups = new Map<string, Holding[]>()
  for (const { name, images } of servers)
    for (const image of images) {
      if (image.aliases.length === 0) continue
      const group = groups.get(keyOf(image)) ?? []
      groups.set(keyOf(image), group)
      group.push({ server: name, image })
    }
  const choices = (group: readonly Holding[]): number => namesOf(group).length
  return [...groups.entries()]
    .sort(([a, one], [b, two]) => choices(one) - choices(two) || (a < b ? -1 : 1))
    .map(([, group]) => group)
}

function namesOf(group: readonly Holding[]): string[] {
  return [...new Set(group.flatMap(({ image }) => image.aliases.map(({ name }) => name)))].sort()
}

/** The name that the most servers have; among equals, one that a manifest used before, then the first by alphabet. */
function bestName(group: readonly Holding[], taken: ReadonlySet<string>): string | undefined {
  const given = new Set(group.flatMap(({ image }) => readNames(image.properties)))
  const rank = (name: string): number =>
    group.filter(({ image }) => hasAlias(image, name)).length * 2 + (given.has(name) ? 1 : 0)
  return namesOf(group)
    .filter((name) => !taken.has(name))
    .sort((a, b) => rank(b) - rank(a))[0]
}

function hasAlias({ aliases }: InventoryImage, wanted: string): boolean {
  return aliases.some(({ name }) => name === wanted)
}
