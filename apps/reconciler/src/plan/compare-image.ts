import type { DesiredImage } from '../desired/desired.ts'
import type { ObservedImage } from '../observed/observed.ts'
import { ownerProperty } from './owner-property.ts'
import type { FieldChange } from './plan.ts'

/** What of an image that is there is not as wanted. What the manifest does not name is not looked at. */
export function compareImage(desired: DesiredImage, image: ObservedImage): FieldChange[] {
  const fields: FieldChange[] = []
  if (desired.public !== undefined && desired.public !== image.public)
    fields.push({ field: 'public', before: image.public, after: desired.public })
  const expiresAt = desired.expiresAt
  if (expiresAt !== undefined && expiresAt?.getTime() !== image.expiresAt?.getTime())
    fields.push({ field: 'expiresAt', before: timeText(image.expiresAt), after: timeText(expiresAt) })
  for (const [key, value] of sorted(desired.properties)) {
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
  for (const [key, value] of sorted({ ...desired.properties, [ownerProperty]: owner }))
    fields.push({ field: 'property', key, before: null, after: value === '' ? null : value })
  return fields
}

function sorted(properties: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(properties).sort(([a], [b]) => (a < b ? -1 : 1))
}

function timeText(time: Date | null | undefined): string | null {
  return time?.toISOString() ?? null
}
