import type { DesiredImage } from '../desired/desired.ts'
import type { FieldChange } from '../documents/plan.ts'
import { sourceProperty } from '../identity/source-mark.ts'
import type { ObservedImage } from '../observed/observed.ts'
import { creationProperty } from '../ownership/creation-note.ts'
import { isMark, joinNames, namesProperty, ownerProperty, readNames } from '../ownership/owner-property.ts'

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
    // A server drops a property whose value is empty, and may still hold one from an upload.
    if ((before === '' ? null : before) !== after) fields.push({ field: 'property', key, before, after })
  }
  return fields
}

/** Each property but the marks, as one that shall not be there. */
function withoutAll(properties: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.keys(properties)
      .filter((key) => !isMark(key))
      .map((key) => [key, '']),
  )
}

/** What a run that was killed leaves on an image that a server downloaded or made: it was to find it again. */
function leftovers({ properties }: ObservedImage): Record<string, string> {
  return Object.hasOwn(properties, creationProperty) ? { [creationProperty]: '' } : {}
}

/** Servers keep a set: LXD 5.0.2 and Incus 6.0.4 give profiles by name, in whatever order they were given. */
function isSameSet(a: readonly string[], b: readonly string[]): boolean {
  return JSON.stringify([...a].sort()) === JSON.stringify([...b].sort())
}

/** What the manifest gives to an image that is to come, and the mark of its owner. */
export function describeNewImage(desired: DesiredImage, owner: string): FieldChange[] {
  const fields: FieldChange[] = []
  if (desired.public !== undefined) fields.push({ field: 'public', before: null, after: desired.public })
  // Also `never`: what is to come may bring a date of its own.
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

/** The properties that say whose an image is, and which of its owner's. */
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
