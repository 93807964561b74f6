import type { ObservedAlias, ObservedImage, ReadServer } from '../observed/observed.ts'
import { readMark } from '../ownership/alias-mark.ts'
import { readNote } from '../ownership/creation-note.ts'
import { ownerProperty } from '../ownership/owner-property.ts'

/** What of an image says whose it is. */
export interface Owned {
  fingerprint: string
  properties: Readonly<Record<string, string>>
  cached?: boolean | undefined
}

/**
 * The manifest that an image belongs to. The property decides. Where it is missing, because a refresh lost it, the image
 * belongs to the manifest that all its aliases belong to; a single alias of somebody else makes it nobody's. One without
 * aliases, which a killed run left, belongs to whom its note says. What the server keeps for itself (`cached`) is nobody's.
 */
export function findOwner(image: Owned, descriptions: readonly string[]): string | null {
  const mark = image.properties[ownerProperty]
  if (mark !== undefined && mark !== '') return mark
  if (image.cached === true) return null
  const [first, ...others] = new Set(descriptions.map((description) => readMark(description).owner))
  if (first === undefined) return readNote(image)?.owner ?? null
  return others.length === 0 ? first : null
}

/** The manifest that an image of a server belongs to now. */
export function ownerOfImage(image: ObservedImage, server: ReadServer): string | null {
  return findOwner(
    image,
    aliasesOf(image, server).map(({ description }) => description),
  )
}

/** The manifest that an alias belongs to: the one in its description, else the one whose image it names. */
export function ownerOfAlias(alias: ObservedAlias, server: ReadServer): string | null {
  const image = server.images.get(alias.target)
  return readMark(alias.description).owner ?? (image === undefined ? null : ownerOfImage(image, server))
}

/** Every alias that names an image, those that the manifest does not name included. */
export function aliasesOf(image: ObservedImage, server: ReadServer): { name: string; description: string }[] {
  const named = [...server.aliases.values()].filter(({ target }) => target === image.fingerprint)
  const names = new Set([...image.aliases, ...named.map(({ name }) => name)])
  return [...names].map((name) => ({
    name,
    description: server.aliases.get(name)?.description ?? image.descriptions?.[name] ?? '',
  }))
}
