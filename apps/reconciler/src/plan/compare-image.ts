import type { DesiredImage } from '../desired/desired.ts'
import type { ObservedImage } from '../observed/observed.ts'
import { joinNames, namesProperty, ownerProperty, readNames } from '../ownership/owner-property.ts'
import type { FieldChange } from './plan.ts'

/**
 * What of an image that is there is not as wanted. What the manifest does not name is not looked at; the mark of the owner
 * is, where the image is the owner's.
 */
export function compareImage(
  desired: DesiredImage,
  image: ObservedImage,
  owner: string | null = null,
): FieldChange[] {
  const fields: FieldChange[] = []
  if (desired.public !== undefined && desired.public !== image.public)
    fields.push({ field: 'public', before: image.public, after: desired.public })
  const expiresAt = desired.expiresAt
  if (expiresAt !== undefined && expiresAt?.getTime() !== image.expiresAt?.getTime())
    fields.push({ field: 'expiresAt', before: timeText(image.expiresAt), after: timeText(expiresAt) })
  for (const [key, value] of sorted({
    ...desired.properties,
    ...(owner === null ? {} : marks(desired, owner, image)),
  })) {
    const before = Object.hasOwn(image.properties, key) ? (image.properties[key] ?? null) : null
    const after = value === '' ? null : value
    // A server drops a property whose value is empty, and may still hold one from an upload.
    if ((before === '' ? null : before) !== after) fields.push({ field: 'property', key, before, after })
  }
  return fields
}

/** What the manifest gives to an image that is to come, and the mark of its owner. */
export function describeNewImage(desired: DesiredImage, owner: string): FieldChange[] {
  const fields: FieldChange[] = []
  if (desired.public !== undefined) fields.push({ field: 'public', before: null, after: desired.public })
  if (desired.expiresAt) fields.push({ field: 'expiresAt', before: null, after: timeText(desired.expiresAt) })
  for (const [key, value] of sorted({ ...desired.properties, ...marks(desired, owner) }))
    fields.push({ field: 'property', key, before: null, after: value === '' ? null : value })
  return fields
}

function sorted(properties: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(properties).sort(([a], [b]) => (a < b ? -1 : 1))
}

function timeText(time: Date | null | undefined): string | null {
  return time?.toISOString() ?? null
}

/** The properties that say whose an image is, and which of its owner's. */
export function marks(
  { names }: Pick<DesiredImage, 'names'>,
  owner: string,
  image?: Pick<ObservedImage, 'properties'>,
): Record<string, string> {
  const before = image?.properties[ownerProperty] === owner ? readNames(image.properties) : []
  return { [ownerProperty]: owner, [namesProperty]: joinNames(before, names) }
}
