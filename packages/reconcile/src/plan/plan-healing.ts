import type { DesiredServer } from '../desired/desired.ts'
import type { Change, FieldChange } from '../documents/plan.ts'
import type { ReadServer } from '../observed/observed.ts'
import { ownerProperty } from '../ownership/owner-property.ts'
import { marks } from './compare-image.ts'
import { ownerOfImage } from './find-owner.ts'

/**
 * Marks images whose owner is known only by their aliases, as a refresh by the server leaves them. They are marked before the
 * aliases move to the desired image; otherwise they would have no owner from then on and stay forever.
 */
export function planHealing(desired: DesiredServer, observed: ReadServer, owner: string): Change[] {
  const wanted = new Set(desired.images.map(({ fingerprint }) => fingerprint))
  return [...observed.images.values()].flatMap((image): Change[] => {
    const { fingerprint, properties, etag } = image
    if (wanted.has(fingerprint) || properties[ownerProperty] || ownerOfImage(image, observed) !== owner)
      return []
    const names = desired.images
      .filter(({ aliases }) => aliases.some(({ name }) => observed.aliases.get(name)?.target === fingerprint))
      .flatMap((each) => each.names)
    const [name] = names
    if (name === undefined) return []
    const fields = Object.entries(marks({ names }, owner)).map(
      ([key, after]): FieldChange => ({ field: 'property', key, before: properties[key] ?? null, after }),
    )
    return [
      { action: 'update-image', image: name, fingerprint, etag: etag ?? null, fields: fields.reverse() },
    ]
  })
}
