import { checkProperties } from '../arguments/image-attributes.ts'
import { ArgumentError } from '../errors/errors.ts'
import { expandFingerprint } from '../fingerprints/expand-fingerprint.ts'
import { readOneImage } from '../fingerprints/read-one-image.ts'
import type { Connection } from '../http/connection.ts'
import type { Image } from '../model/image.ts'
import type { UpdateImageOptions } from './update-image.ts'

/** What a server's `PATCH` acts on; it ignores expiry and profiles in silence, so they are not offered. */
export interface ImagePatch {
  public?: boolean | undefined
  autoUpdate?: boolean | undefined
  /** Merged into those that the image has; an empty value removes one. */
  properties?: Readonly<Record<string, string>> | undefined
}

/** Changes some fields in one request, without reading the others. */
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
  await connection.ask({
    method: 'PATCH',
    path: `/1.0/images/${whole}`,
    json,
    ifMatch,
    action: `patch image ${whole.slice(0, 12)}`,
    ...call,
  })
  return readOneImage(connection, whole, call)
}
