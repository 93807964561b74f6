import type { ObservedAlias, ObservedImage, ReadServer } from '../observed/observed.ts'
import { readMark } from '../ownership/alias-mark.ts'
import { readCreationMark } from '../ownership/creation-mark.ts'
import { ownerProperty } from '../ownership/owner-property.ts'

/** The parts of an image that record its owner. */
export interface Owned {
  fingerprint: string
  properties: Readonly<Record<string, string>>
  cached?: boolean | undefined
}

/**
 * The manifest that an image belongs to; `null` for none. The property decides. If it is missing, because a refresh lost it,
 * the image belongs to the manifest that owns all of its aliases; a single alias of another owner means that it has none. An
 * image without aliases, which a killed run left, belongs to the manifest in its creation note. An image that the server keeps
 * for itself (`cached`) has no owner.
 */
export function findOwner(image: Owned, descriptions: readonly string[]): string | null {
  const mark = image.properties[ownerProperty]
  if (mark !== undefined && mark !== '') return mark
  if (image.cached === true) return null
  const [first, ...others] = new Set(descriptions.map((description) => readMark(description).owner))
  if (first === undefined) return readCreationMark(image)?.owner ?? null
  return others.length === 0 ? first : null
}

/** The manifest that an image on a server belongs to now. */
export function ownerOfImage(image: ObservedImage, server: ReadServer): string | null {
  return findOwner(
    image,
    aliasesOf(image, server).map(({ description }) => description),
  )
}

/** The manifest that an alias belongs to: the one in its description, otherwise the owner of the image that it points at. */
export function ownerOfAlias(alias: ObservedAlias, server: ReadServer): string | null {
  const image = server.images.get(alias.target)
  return readMark(alias.description).owner ?? (image === undefined ? null : ownerOfImage(image, server))
}

/** Every alias that points at an image, including those that the manifest does not name. */
export function aliasesOf(image: ObservedImage, server: ReadServer): { name: string; description: string }[] {
  const named = [...server.aliases.values()].filter(({ target }) => target === image.fingerprint)
  const names = new Set([...image.aliases, ...named.map(({ name }) => name)])
  return [...names].map((name) => ({
    name,
    description: server.aliases.get(name)?.description ?? image.descriptions?.[name] ?? '',
  }))
}
