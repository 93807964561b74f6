import { type Client, HyperkitError, type Image, isHyperkitError } from '@hyperkit/core'
import type { FieldChange } from '../documents/plan.ts'
import { isMark } from '../ownership/owner-property.ts'
import { isRegistryProperty } from '../ownership/registry-property.ts'
import type { ApplyChangeOptions } from './apply-change-options.ts'

export interface FieldsToUpdate {
  image: string
  fingerprint: string
  /** The ETag that the image must have; `null` for any. */
  etag: string | null
  fields: readonly FieldChange[]
}

type Changes = Parameters<Client['images']['update']>[1]

/**
 * Updates the fields with one `PUT`; all other fields stay as they are. A new image that has them already is left alone.
 *
 * @param now the image as it has just been read; if undefined, or without an ETag, it is read
 */
export async function updateFields(
  client: Client,
  { image: name, fingerprint, etag, fields }: FieldsToUpdate,
  { signal, now: read }: Pick<ApplyChangeOptions, 'signal'> & { now?: Image | undefined },
): Promise<void> {
  if (fields.every(({ field }) => field === 'filename')) return
  const image = read?.etag === undefined ? await client.images.get(fingerprint, { signal }) : read
  const refuse = (why: string, cause?: unknown): HyperkitError =>
    new HyperkitError(
      'precondition-failed',
      `Cannot update image "${name}" on "${client.name}": ${why}; plan again`,
      { server: client.name, cause },
    )
  const moved = etag === null ? undefined : findMovedField(fields, image)
  if (moved !== undefined) throw refuse(`its ${moved} was changed since it was read`)
  const changes = changesOf(fields, image, etag === null)
  const isDone =
    isSame(changes.properties, image.properties) && fields.every((field) => isAsWanted(field, image, fields))
  if (etag === null && isDone) return
  try {
    await client.images.update(fingerprint, changes, {
      signal,
      ifMatch: etag ?? image.etag,
    })
  } catch (error) {
    if (!isHyperkitError(error, 'precondition-failed')) throw error
    // A second run of the same manifest may have been faster: then the fields are already as desired.
    const now = await client.images.get(fingerprint, { signal })
    if (fields.every((field) => isAsWanted(field, now, fields))) return
    throw refuse('it was changed since it was read', error)
  }
}

/** @param isNew removes marks that the image brought from its source, where another manifest may own it */
function changesOf(fields: readonly FieldChange[], image: Image, isNew: boolean): Changes {
  const isExact = fields.some(({ field }) => field === 'otherProperties')
  const properties = Object.fromEntries(
    Object.entries(image.properties).filter(([key, value]) =>
      isMark(key) ? !isNew : !isExact || isRegistryProperty(key, value),
    ),
  )
  const changes: Changes = { properties }
  for (const change of fields) {
    if (change.field === 'public') changes.public = change.after
    else if (change.field === 'expiresAt') changes.expiresAt = timeOf(change.after) ?? null
    else if (change.field === 'autoUpdate') changes.autoUpdate = change.after
    else if (change.field === 'profiles') changes.profiles = change.after
    else if (change.field === 'property') {
      if (change.after === null) {
        if (!isRegistryProperty(change.key, properties[change.key])) delete properties[change.key]
      } else properties[change.key] = change.after
    }
  }
  return changes
}

/** Finds a change of expiry or profiles since the plan was made: the ETag covers neither (T13). */
function findMovedField(fields: readonly FieldChange[], image: Image): string | undefined {
  return fields.find((change) => {
    if (change.field === 'expiresAt')
      return (
        image.expiresAt?.getTime() !== timeOf(change.before)?.getTime() && !isAsWanted(change, image, fields)
      )
    if (change.field === 'profiles')
      return !isSameSet(image.profiles, change.before ?? []) && !isAsWanted(change, image, fields)
    return false
  })?.field
}

function isAsWanted(change: FieldChange, image: Image, all: readonly FieldChange[]): boolean {
  switch (change.field) {
    case 'public':
      return image.public === change.after
    case 'autoUpdate':
      return image.autoUpdate === change.after
    case 'profiles':
      return isSameSet(image.profiles, change.after)
    case 'expiresAt':
      return image.expiresAt?.getTime() === timeOf(change.after)?.getTime()
    case 'filename':
      return true
    case 'property':
      return (image.properties[change.key] ?? null) === change.after
    case 'otherProperties':
      return Object.keys(image.properties).every(
        (key) =>
          isMark(key) ||
          isRegistryProperty(key, image.properties[key]) ||
          all.some((each) => each.field === 'property' && each.key === key),
      )
  }
}

function isSame(a: Changes['properties'], b: Changes['properties']): boolean {
  const sorted = (properties: Changes['properties']): unknown => Object.entries(properties ?? {}).sort()
  return JSON.stringify(sorted(a)) === JSON.stringify(sorted(b))
}

function timeOf(text: string | null): Date | undefined {
  return text === null ? undefined : new Date(text)
}

function isSameSet(a: readonly string[], b: readonly string[]): boolean {
  return JSON.stringify([...a].sort()) === JSON.stringify([...b].sort())
}
