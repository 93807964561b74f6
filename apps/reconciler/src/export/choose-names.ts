import type { InventoryImage, ServerInventory } from '../observed/inventory.ts'
import { readNames } from '../ownership/owner-property.ts'

/** An image on a server. */
export interface Holding {
  server: string
  image: InventoryImage
}

/** One entry of a manifest: a content or a source, and the servers that have it under a name. */
export interface NamedImage {
  name: string
  fingerprint: string
  on: Holding[]
}

/** An image for which every alias is the name of another content on another server. */
export interface NameConflict extends Holding {
  alias: string
  /** The entry that has the name. */
  other: NamedImage
}

/**
 * Gives each content a name: one of its aliases, on as many servers as have both. A name stands for one content in a
 * manifest, so contents with few aliases choose first.
 *
 * @param keyOf the same for images that are one content, whatever their fingerprints are
 */
export function chooseNames(
  servers: readonly ServerInventory[],
  keyOf: (image: InventoryImage) => string,
): {
  named: NamedImage[]
  conflicts: NameConflict[]
} {
  const byName = new Map<string, NamedImage>()
  const conflicts: NameConflict[] = []
  for (const group of groupByContent(servers, keyOf)) {
    let left = group
    for (;;) {
      const best = bestName(left, byName)
      if (best === undefined) break
      const on = left.filter(({ image }) => hasAlias(image, best))
      byName.set(best, { name: best, fingerprint: on[0]?.image.fingerprint ?? '', on })
      left = left.filter((holding) => !on.includes(holding))
    }
    for (const holding of left) {
      const alias = holding.image.aliases[0]?.name ?? ''
      const other = byName.get(alias)
      if (other !== undefined) conflicts.push({ ...holding, alias, other })
    }
  }
  const named = [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
  return { named, conflicts }
}

function groupByContent(
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

/** The name on the most servers; of several the one that a manifest gave it before, then the first. */
function bestName(group: readonly Holding[], taken: ReadonlyMap<string, unknown>): string | undefined {
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
