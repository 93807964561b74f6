import { type Client, HyperkitError, type Image, isHyperkitError } from '@hyperkit/core'
import type { FieldChange } from '../plan/plan.ts'
import type { ApplyChangeOptions } from './apply-change-options.ts'

export interface FieldsToUpdate {
  image: string
  fingerprint: string
  /** The image must be as it was; `null`: whatever it is. */
  etag: string | null
  fields: readonly FieldChange[]
}

/** One `PUT` of what differs; everything that is not named stays as it is. */
export async function updateFields(
  client: Client,
  { image: name, fingerprint, etag, fields }: FieldsToUpdate,
  { signal }: ApplyChangeOptions,
): Promise<void> {
  if (fields.length === 0) return
  const image = await client.images.get(fingerprint, { signal })
  const properties = { ...image.properties }
  const changes: Parameters<Client['images']['update']>[1] = {}
  for (const change of fields) {
    if (change.field === 'public') changes.public = change.after
    else if (change.field === 'expiresAt')
      changes.expiresAt = change.after === null ? null : new Date(change.after)
    else if (change.after === null) delete properties[change.key]
    else properties[change.key] = change.after
  }
  try {
    await client.images.update(
      fingerprint,
      { ...changes, properties },
      { signal, ifMatch: etag ?? image.etag },
    )
  } catch (error) {
    if (!isHyperkitError(error, 'precondition-failed')) throw error
    // A second run of the same manifest was faster: what is as wanted needs no other hand.
    const now = await client.images.get(fingerprint, { signal })
    if (fields.every((field) => isAsWanted(field, now))) return
    throw new HyperkitError(
      'precondition-failed',
      `Cannot update image "${name}" on "${client.name}": it was changed since it was read; plan again`,
      { server: client.name, cause: error },
    )
  }
}

function isAsWanted(change: FieldChange, image: Image): boolean {
  if (change.field === 'public') return image.public === change.after
  if (change.field === 'expiresAt')
    return image.expiresAt?.getTime() === (change.after === null ? undefined : Date.parse(change.after))
  return (image.properties[change.key] ?? null) === change.after
}
