import * as v from 'valibot'
import { ServerError } from '../errors/errors.ts'
import { HyperkitError, isHyperkitError } from '../errors/hyperkit-error.ts'
import type { CallOptions } from '../http/call.ts'
import type { Connection } from '../http/connection.ts'
import { type Image, imageSchema, readImage } from '../model/image.ts'
import { supports } from '../model/supports.ts'
import type { ImageAttributes } from './image-attributes.ts'

/**
 * What `apply` gives, or what is known of a new image that this client may not view: identities of LXD 5.21 and newer can have the right to
 * create images without that to view them, and are told "not found" of what they have just made (T61). That is no failure
 * of the creation.
 *
 * @throws {HyperkitError} `not-authorized` where the image was to have more than the request for it said
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
    if (!isUnreadable(error, fingerprint) || !(await isFineGrained(connection, call))) throw error
    const more = nameMissing(attributes)
    if (more.length > 0)
      throw new HyperkitError(
        'not-authorized',
        `Cannot give image ${fingerprint.slice(0, 12)} on "${connection.name}" its ${more.join(', ')}: it was made, and this client may not view it; that takes the entitlement "can_view_images" on its project`,
        { server: connection.name, cause: error },
      )
    const { public: isPublic = false, filename = '' } = attributes
    return readImage(v.parse(imageSchema, { fingerprint, public: isPublic, filename }))
  }
}

function isUnreadable(error: unknown, fingerprint: string): boolean {
  const isRefused = isHyperkitError(error, 'not-found') || isHyperkitError(error, 'not-authorized')
  return isRefused && error instanceof ServerError && error.request.path === `/1.0/images/${fingerprint}`
}

const identity = v.looseObject({ fine_grained: v.optional(v.boolean(), false) })

async function isFineGrained(connection: Connection, { signal }: CallOptions): Promise<boolean> {
  if (supports(await connection.server({ signal }), 'access_management_tls') !== true) return false
  const path = '/1.0/auth/identities/current'
  return connection
    .inAllProjects()
    .read(identity, { method: 'GET', path, action: 'read what this client may do', signal })
    .then(
      ({ value }) => value.fine_grained,
      () => false,
    )
}

/** What follows the creation, in the words of the options. */
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
