import { checkProperties, formatExpiry, type ImageProperties } from '../arguments/image-attributes.ts'
import { ArgumentError, ConflictError } from '../errors/errors.ts'
import { isHyperkitError } from '../errors/is-hyperkit-error.ts'
import { expandFingerprint } from '../fingerprints/expand-fingerprint.ts'
import { readOneImage } from '../fingerprints/read-one-image.ts'
import type { CallOptions } from '../http/call.ts'
import type { Connection } from '../http/connection.ts'
import type { Image } from '../model/image.ts'
import { shortFingerprint } from '../model/short-fingerprint.ts'
import { checkPublic } from './may-be-public.ts'
import { readSettled } from './read-settled.ts'

/** The fields that `images.update` changes; the others are kept. */
export interface ImageChanges {
  public?: boolean | undefined
  autoUpdate?: boolean | undefined
  /** All properties of the image, as texts; an empty value removes a property. To change some and keep the rest, use `patch`. */
  properties?: ImageProperties | undefined
  /** `null` for never. */
  expiresAt?: Date | null | undefined
  /** Profiles of instances made from the image; `[]` for none. */
  profiles?: readonly string[] | undefined
}

/** Changes whose properties are texts already. */
type TextChanges = Omit<ImageChanges, 'properties'> & {
  properties?: Readonly<Record<string, string>> | undefined
}

/** Options of `images.update` and `images.patch`. */
export interface UpdateImageOptions extends CallOptions {
  /** The ETag that the image must still have. Without it, a change by another client in between is read and kept. */
  ifMatch?: string | undefined
}

const attempts = 5

/**
 * Changes the given fields and keeps every other one: a read, a `PUT` of all writable fields under the ETag, and a read that checks it,
 * because the ETag covers neither expiry nor profiles and the server compares it before it takes its lock.
 *
 * @throws {ConflictError | ServerError} `precondition-failed` if another client changed the image in between
 */
export async function updateImage(
  connection: Connection,
  fingerprint: string,
  changes: ImageChanges,
  options: UpdateImageOptions = {},
): Promise<Image> {
  const { ifMatch, ...call } = options
  const properties = changes.properties && checkProperties(changes.properties)
  return changeImage(
    connection,
    fingerprint,
    (now) => ({ ...changes, properties: properties ?? now.properties }),
    ifMatch,
    call,
  )
}

/** Like {@link updateImage}, with changes that depend on the current image. */
export async function changeImage(
  connection: Connection,
  fingerprint: string,
  decide: (now: Image) => TextChanges,
  ifMatch: string | undefined,
  call: CallOptions,
): Promise<Image> {
  const whole = await expandFingerprint(connection, fingerprint, call)
  for (let attempt = 1; ; attempt++) {
    const now = await readOneImage(connection, whole, call)
    const wanted = bodyOf(now, decide(now))
    // This holds for an image that was public before the server had the rule too: it can only be made private.
    await checkPublic(connection, wanted.public, `update image ${shortFingerprint(whole)} on`, call)
    const began = performance.now()
    try {
      await connection.ask({
        method: 'PUT',
        path: `/1.0/images/${whole}`,
        json: wanted,
        ifMatch: ifMatch ?? now.etag,
        action: `update image ${shortFingerprint(whole)}`,
        ...call,
      })
      const after = await readSettled(connection, whole, began, call)
      const lost = differing(wanted, bodyOf(after, { expiresAt: after.expiresAt ?? null }))
      if (lost.length === 0) return after
      throw overwritten(connection, whole, lost)
    } catch (error) {
      if (ifMatch !== undefined || attempt === attempts || !isHyperkitError(error, 'precondition-failed'))
        throw error
    }
  }
}

interface ImagePut {
  public: boolean
  auto_update: boolean
  properties: Record<string, string>
  expires_at?: string
  profiles: readonly string[]
}

/** The changed fields, and every field that a `PUT` would reset if it were left out. */
function bodyOf(now: Image, changes: TextChanges): ImagePut {
  if (changes.profiles !== undefined && !Array.isArray(changes.profiles)) {
    throw new ArgumentError('profiles', 'Cannot set profiles: a list of names is needed')
  }
  const properties = { ...(changes.properties ?? now.properties) }
  for (const [key, value] of Object.entries(properties)) if (value === '') delete properties[key]
  return {
    public: changes.public ?? now.public,
    auto_update: changes.autoUpdate ?? now.autoUpdate,
    properties,
    // Servers keep an expiry that is left out. So a change of it by another client, which the ETag does not cover, is not undone.
    ...(changes.expiresAt === undefined ? {} : { expires_at: formatExpiry(changes.expiresAt) }),
    profiles: changes.profiles ?? now.profiles,
  }
}

function differing(wanted: ImagePut, found: ImagePut): string[] {
  const text = (put: ImagePut, key: keyof ImagePut): string =>
    key === 'properties'
      ? JSON.stringify(Object.entries(put.properties).sort())
      : key === 'profiles'
        ? JSON.stringify([...put.profiles].sort())
        : JSON.stringify(put[key])
  return (Object.keys(wanted) as (keyof ImagePut)[]).filter((key) => text(wanted, key) !== text(found, key))
}

/** The error if an image read back after a change is different. */
export function overwritten(connection: Connection, fingerprint: string, fields: string[]): ConflictError {
  return new ConflictError(
    'precondition-failed',
    `Cannot update image ${shortFingerprint(fingerprint)} on "${connection.name}": somebody else changed ${fields.join(', ')} at the same time; read the image again and repeat the change`,
    { server: connection.name },
  )
}
