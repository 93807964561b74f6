import { checkProperties, type ImageProperties } from '../arguments/image-attributes.ts'
import { ArgumentError } from '../errors/errors.ts'
import { expandFingerprint } from '../fingerprints/expand-fingerprint.ts'
import { readOneImage } from '../fingerprints/read-one-image.ts'
import type { Connection } from '../http/connection.ts'
import type { Image } from '../model/image.ts'
import { shortFingerprint } from '../model/short-fingerprint.ts'
import { notPublic, refusesPublic } from './may-be-public.ts'
import { readSettled } from './read-settled.ts'
import { overwritten, type UpdateImageOptions } from './update-image.ts'

/** The fields that servers change in a `PATCH`. They silently ignore expiry and profiles, so these are not offered. */
export interface ImagePatch {
  public?: boolean | undefined
  autoUpdate?: boolean | undefined
  /** Merged as texts into those of the image; an empty value removes a property. */
  properties?: ImageProperties | undefined
}

const attempts = 8

/**
 * Changes some fields without naming the others: a `PATCH`, then a read that checks it. Servers merge without a lock: of eight patches at
 * once with a property each, three stayed on LXD 5.0.2 and Incus 6.0.4, although all were answered with 200. So what was overwritten is
 * sent again.
 *
 * @throws {ConflictError | ServerError} `precondition-failed` if changes by other clients keep overwriting it
 */
export async function patchImage(
  connection: Connection,
  fingerprint: string,
  patch: ImagePatch,
  options: UpdateImageOptions = {},
): Promise<Image> {
  const { ifMatch, ...call } = options
  const named = Object.keys(patch ?? {})
  const other = named.find((key) => !['public', 'autoUpdate', 'properties'].includes(key))
  if (other)
    throw new ArgumentError(other, `Cannot patch "${other}": servers ignore it in a PATCH; use update`)
  const json = {
    ...(patch.public === undefined ? {} : { public: patch.public }),
    ...(patch.autoUpdate === undefined ? {} : { auto_update: patch.autoUpdate }),
    ...(patch.properties === undefined ? {} : { properties: checkProperties(patch.properties) }),
  }
  const whole = await expandFingerprint(connection, fingerprint, call)
  if (patch.public !== false && (await refusesPublic(connection, call))) {
    const isPublic = patch.public ?? (await readOneImage(connection, whole, call)).public
    const project = call.project ?? connection.project
    if (isPublic)
      throw notPublic(
        `patch image ${shortFingerprint(whole)} on "${connection.name}"`,
        connection.name,
        project,
      )
  }
  for (let attempt = 1; ; attempt++) {
    const began = performance.now()
    await connection.ask({
      method: 'PATCH',
      path: `/1.0/images/${whole}`,
      json,
      ifMatch,
      action: `patch image ${shortFingerprint(whole)}`,
      ...call,
    })
    const after = await readSettled(connection, whole, began, call)
    const lost = missing(patch, after)
    if (lost.length === 0) return after
    if (ifMatch !== undefined || attempt === attempts) throw overwritten(connection, whole, lost)
  }
}

function missing(patch: ImagePatch, after: Image): string[] {
  const fields = (['public', 'autoUpdate'] as const).filter(
    (key) => patch[key] !== undefined && patch[key] !== after[key],
  )
  const properties = Object.entries(checkProperties(patch.properties ?? {})).filter(
    ([key, value]) => (after.properties[key] ?? '') !== value,
  )
  return [...fields, ...properties.map(([key]) => `property ${JSON.stringify(key)}`)]
}
