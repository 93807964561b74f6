import * as v from 'valibot'
import { ArgumentError, ServerError } from '../errors/errors.ts'
import type { CallOptions } from '../http/call.ts'
import type { Connection } from '../http/connection.ts'

const metadataSchema = v.looseObject({ expiry_date: v.nullish(v.number(), 0) })

/**
 * The expiry that an image of an instance inherits: that of the image which the instance was made from. Undefined if there is none,
 * and if the server does not show it.
 */
export async function inheritedExpiry(
  connection: Connection,
  instance: string,
  options: CallOptions = {},
): Promise<Date | undefined> {
  try {
    const { value } = await connection.read(metadataSchema, {
      method: 'GET',
      path: `/1.0/instances/${encodeURIComponent(instance)}/metadata`,
      action: `read the metadata of instance "${instance}"`,
      ...options,
    })
    const time = new Date(value.expiry_date * 1000)
    return value.expiry_date <= 0 || Number.isNaN(time.getTime()) ? undefined : time
  } catch (error) {
    // The instance has no metadata.yaml, or this client may not see it.
    if (error instanceof ServerError) return undefined
    throw error
  }
}

/**
 * Refuses to publish an image that would be expired from the start.
 *
 * @throws {ArgumentError} naming the inherited expiry
 */
export async function refuseExpired(
  connection: Connection,
  instance: string,
  what: string,
  call: CallOptions,
): Promise<void> {
  const expiry = await inheritedExpiry(connection, instance, call)
  if (expiry === undefined || expiry.getTime() > Date.now()) return
  throw new ArgumentError(
    'expiresAt',
    `Cannot ${what} on "${connection.name}": its own image expired at ${expiry.toISOString()}, and the new one would inherit that; set expiresAt (--expire) to another date`,
    { server: connection.name },
  )
}
