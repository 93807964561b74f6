import type { DesiredImage } from '../desired/desired.ts'
import type { FieldChange } from '../documents/plan.ts'
import { sourceProperty } from '../identity/source-mark.ts'
import type { ObservedImage } from '../observed/observed.ts'
import { creationProperty } from '../ownership/creation-mark.ts'
import { isMark, joinNames, namesProperty, ownerProperty, readNames } from '../ownership/owner-property.ts'
import { isRegistryProperty } from '../ownership/registry-property.ts'

/**
 * The fields in which an image on the server differs from the desired one. Fields that the manifest does not name are not
 * compared. The owner's mark is compared if an owner is given.
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
  if (desired.autoUpdate !== undefined && desired.autoUpdate !== image.autoUpdate)
    fields.push({ field: 'autoUpdate', before: image.autoUpdate, after: desired.autoUpdate })
  if (desired.profiles !== undefined && !isSameSet(desired.profiles, image.profiles))
    fields.push({
      field: 'profiles',
      before: [...image.profiles].sort(),
      after: [...desired.profiles],
    })
  for (const [key, value] of sorted({
    ...(desired.propertiesMode === 'exact' ? withoutAll(image.properties) : {}),
    ...desired.properties,
    ...(owner === null ? {} : { ...leftovers(image), ...marks(desired, owner, image) }),
  })) {
    const before = Object.hasOwn(image.properties, key) ? (image.properties[key] ?? null) : null
    const after = value === '' ? null : value
    if (after === null && isRegistryProperty(key, image.properties[key])) continue
    // A server drops a property whose value is empty, and may still hold one from an upload.
    if ((before === '' ? null : before) !== after) fields.push({ field: 'property', key, before, after })
  }
  return fields
}

/** Removes each property except the marks. */
function withoutAll(properties: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.keys(properties)
      .filter((key) => !isMark(key))
      .map((key) => [key, '']),
  )
}

/** Removes the creation note, by which a run finds an image that a server downloaded or made: a killed run leaves it behind. */
function leftovers({ properties }: ObservedImage): Record<string, string> {
  return Object.hasOwn(properties, creationProperty) ? { [creationProperty]: '' } : {}
}

/** Servers keep a set: LXD 5.0.2 and Incus 6.0.4 list profiles by name, in whatever order they were sent. */
function isSameSet(a: readonly string[], b: readonly string[]): boolean {
  return JSON.stringify([...a].sort()) === JSON.stringify([...b].sort())
}

/** The fields that the manifest gives to a new image, and the mark of its owner. */
export function describeNewImage(desired: DesiredImage, owner: string): FieldChange[] {
  const fields: FieldChange[] = []
  if (desired.public !== undefined) fields.push({ field: 'public', before: null, after: desired.public })
  // Also for `never`: a new image may bring a date of its own.
  if (desired.expiresAt !== undefined)
    fields.push({ field: 'expiresAt', before: null, after: timeText(desired.expiresAt) })
  if (desired.autoUpdate !== undefined)
    fields.push({ field: 'autoUpdate', before: null, after: desired.autoUpdate })
  if (desired.profiles !== undefined)
    fields.push({ field: 'profiles', before: null, after: [...desired.profiles] })
  if (desired.filename !== undefined)
    fields.push({ field: 'filename', before: null, after: desired.filename })
  if (desired.propertiesMode === 'exact') fields.push({ field: 'otherProperties', before: null, after: null })
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

/** The properties that record the owner of an image, and its names in the owner's manifest. */
export function marks(
  { names, origin }: Pick<DesiredImage, 'names'> & Partial<Pick<DesiredImage, 'origin'>>,
  owner: string,
  image?: Pick<ObservedImage, 'properties'>,
): Record<string, string> {
  const before = image?.properties[ownerProperty] === owner ? readNames(image.properties) : []
  const source = origin !== undefined && 'mark' in origin ? origin.mark : undefined
  return {
    [ownerProperty]: owner,
    [namesProperty]: joinNames(before, names),
    ...(source === undefined ? {} : { [sourceProperty]: source }),
  }
}
