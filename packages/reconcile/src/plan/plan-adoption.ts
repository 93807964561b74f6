import type { DesiredServer } from '../desired/desired.ts'
import type { Change, FieldChange } from '../documents/plan.ts'
import type { ObservedImage, ReadServer } from '../observed/observed.ts'
import { readMark, writeMark } from '../ownership/alias-mark.ts'
import { marks } from './compare-image.ts'

/**
 * Gives the manifest ownership of images that the server has: the image with the desired content, the images that the
 * manifest's aliases name now, and these aliases. A former owner loses them. Nothing else changes.
 */
export function planAdoption(
  desired: DesiredServer,
  observed: ReadServer,
  owner: string,
  isAdopted: (name: string) => boolean,
): Change[] {
  const marked = new Set<string>()
  return desired.images
    .filter(({ names }) => names.some(isAdopted))
    .flatMap(({ names, fingerprint, aliases }) => {
      const name = names.find(isAdopted) ?? fingerprint
      const found = aliases.flatMap((alias) => observed.aliases.get(alias.name) ?? [])
      const targets = new Set([fingerprint, ...found.map(({ target }) => target)])
      const images = [...targets].flatMap((target): Change[] => {
        const image = observed.images.get(target)
        if (image === undefined || marked.has(target)) return []
        marked.add(target)
        const fields = missingMarks(image, names.filter(isAdopted), owner)
        const etag = image.etag ?? null
        return fields.length === 0
          ? []
          : [{ action: 'update-image', image: name, fingerprint: target, etag, fields }]
      })
      const described = found.flatMap(({ name: alias, target, description, etag }): Change[] => {
        if (readMark(description).owner === owner) return []
        const after = { target, description: writeMark(description, owner) }
        const of = { image: name, fingerprint: target, alias, etag: etag ?? null }
        return [{ action: 'update-alias', ...of, before: { target, description }, after }]
      })
      return [...images, ...described]
    })
}

function missingMarks(image: ObservedImage, names: string[], owner: string): FieldChange[] {
  return Object.entries(marks({ names }, owner, image))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([key, after]): FieldChange[] => {
      const before = image.properties[key] ?? null
      return before === after ? [] : [{ field: 'property', key, before, after }]
    })
}
