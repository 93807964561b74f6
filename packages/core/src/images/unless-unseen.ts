import * as v from 'valibot'
import { ServerError } from '../errors/errors.ts'
import { HyperkitError } from '../errors/hyperkit-error.ts'
import type { CallOptions } from '../http/call.ts'
import type { Connection } from '../http/connection.ts'
import { isFineGrained } from '../model/caller.ts'
import { type Image, imageSchema, readImage } from '../model/image.ts'
import { shortFingerprint } from '../model/short-fingerprint.ts'
import type { ImageAttributes } from './image-attributes.ts'

/**
 * The result of `apply`, or what is known of a new image that this client may not view. Identities of LXD 5.21 and newer can have the
 * right to create images without the right to view them, and get "not found" for an image that they have just created (T61). That is not
 * a failure of the creation.
 *
 * @throws {HyperkitError} `not-authorized` if the image needs attributes that could not be sent with the request
 */
export async function unlessUnseen(
  connection: Connection,
  fingerprint: string,
  attributes: ImageAttributes,
  call: CallOptions,
  apply: () => Promise<Image>,
): Promise<Image> {
  try {
    return await apply()
  } catch (error) {
    if (!isUnreadable(error, fingerprint) || !(await mayNotView(connection, call))) throw error
    const more = nameMissing(attributes)
    if (more.length > 0)
      throw new HyperkitError(
        'not-authorized',
        `Cannot set ${more.join(', ')} of image ${shortFingerprint(fingerprint)} on "${connection.name}": it was created, but this client may not view it; that needs the entitlement "can_view_images" on its project`,
        { server: connection.name, cause: error },
      )
    const { public: isPublic = false, filename = '' } = attributes
    return readImage(v.parse(imageSchema, { fingerprint, public: isPublic, filename }))
  }
}

function isUnreadable(error: unknown, fingerprint: string): boolean {
  return (
    error instanceof ServerError &&
    error.code === 'not-authorized' &&
    error.request.path === `/1.0/images/${fingerprint}`
  )
}

/** Whether missing rights of this client are proven to be the reason. */
async function mayNotView(connection: Connection, call: CallOptions): Promise<boolean> {
  try {
    const { caller } = await connection.caller(call)
    return isFineGrained(caller) === true && (await connection.view(call)).sees === 'part'
  } catch {
    return false
  }
}

/** The attributes that are set after the creation, by name. */
function nameMissing({
  aliases = [],
  properties = {},
  expiresAt,
  profiles,
  autoUpdate,
}: ImageAttributes): string[] {
  return [
    ...(aliases.length > 0 ? ['aliases'] : []),
    ...(Object.keys(properties).length > 0 ? ['properties'] : []),
    ...(expiresAt === undefined ? [] : ['expiry']),
    ...(profiles === undefined ? [] : ['profiles']),
    ...(autoUpdate ? ['automatic update'] : []),
  ]
}
