import { getAlias } from '../aliases/get-alias.ts'
import { checkFingerprint, shortestPathPrefix } from '../arguments/fingerprint.ts'
import { isHyperkitError } from '../errors/is-hyperkit-error.ts'
import { expandFingerprint } from '../fingerprints/expand-fingerprint.ts'
import { readOneImage } from '../fingerprints/read-one-image.ts'
import type { CallOptions } from '../http/call.ts'
import type { Connection } from '../http/connection.ts'
import type { Image } from '../model/image.ts'

/** Options of `images.get`, `images.find` and `images.getByAlias`. */
export interface GetImageOptions extends CallOptions {
  /** A secret of {@link createSecret}, with which an untrusted client reads a private image, once and for 5 seconds after that. */
  secret?: string | undefined
}

/** One image, by its fingerprint or the beginning of it; `not-found`, or `ambiguous` if several match. */
export async function getImage(
  connection: Connection,
  fingerprint: string,
  options: GetImageOptions = {},
): Promise<Image> {
  const prefix = checkFingerprint(fingerprint)
  const usable =
    prefix.length < shortestPathPrefix ? await expandFingerprint(connection, prefix, options) : prefix
  return readOneImage(connection, usable, options)
}

/** Like {@link getImage}, but gives undefined for "not found", and for nothing else. */
export async function findImage(
  connection: Connection,
  fingerprint: string,
  options: GetImageOptions = {},
): Promise<Image | undefined> {
  try {
    return await getImage(connection, fingerprint, options)
  } catch (error) {
    if (isHyperkitError(error, 'not-found')) return undefined
    throw error
  }
}

/** The image that an alias points at. */
export async function getImageByAlias(
  connection: Connection,
  name: string,
  options: GetImageOptions = {},
): Promise<Image> {
  const { secret, ...call } = options
  const alias = await getAlias(connection, name, call)
  return readOneImage(connection, alias.target, { ...call, secret })
}
