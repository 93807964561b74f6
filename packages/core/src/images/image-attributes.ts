import { createAliases } from '../aliases/aliases.ts'
import { findAlias } from '../aliases/get-alias.ts'
import { checkAliasName, checkNewAlias } from '../arguments/alias-name.ts'
import {
  checkProperties,
  formatExpiry,
  headerText,
  type ImageProperties,
} from '../arguments/image-attributes.ts'
import { ArgumentError, ConflictError } from '../errors/errors.ts'
import { readOneImage } from '../fingerprints/read-one-image.ts'
import type { CallOptions } from '../http/call.ts'
import type { Connection } from '../http/connection.ts'
import type { LockPlace } from '../locks/lock-place.ts'
import { pointAlias } from '../locks/point-alias.ts'
import type { Image } from '../model/image.ts'
import { shortFingerprint } from '../model/short-fingerprint.ts'
import { findImage } from './get-image.ts'
import { changeImage } from './update-image.ts'

/** The attributes of a new image, whatever it is created from. */
export interface ImageAttributes {
  public?: boolean | undefined
  autoUpdate?: boolean | undefined
  /** Added as texts to those that the image brings; an empty value removes a property. */
  properties?: ImageProperties | undefined
  /** Names, or names with a description. */
  aliases?: readonly (string | { name: string; description?: string | undefined })[] | undefined
  /**
   * Takes over aliases that point at another image. Without it, such an alias is refused before anything is sent.
   * @default false
   */
  reuseAliases?: boolean | undefined
  expiresAt?: Date | undefined
  /** Profiles of instances made from the image. @default the server's: `default` */
  profiles?: readonly string[] | undefined
  /** Can only be set at creation. */
  filename?: string | undefined
}

/** Checks every attribute beforehand, so that a bad one does not leave a half-finished image. */
export function checkAttributes(attributes: ImageAttributes): void {
  if (attributes.properties !== undefined) checkProperties(attributes.properties)
  if (attributes.expiresAt !== undefined) formatExpiry(attributes.expiresAt)
  if (attributes.filename !== undefined) headerText('filename', attributes.filename)
  const names = aliasList(attributes).map(({ name }) => checkAliasName(name, 'aliases'))
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined)
    throw new ArgumentError('aliases', `Cannot give alias ${JSON.stringify(twice)} twice to one image`)
  if (attributes.profiles !== undefined && !Array.isArray(attributes.profiles)) {
    throw new ArgumentError('profiles', 'Cannot set profiles: a list of names is needed')
  }
}

/**
 * Refuses an alias that points at another image or that the server would refuse, before an upload of minutes.
 *
 * @param fingerprint of the new image, if known
 */
export async function checkAliasesFree(
  connection: Connection,
  attributes: ImageAttributes,
  fingerprint: string | undefined,
  call: CallOptions,
): Promise<void> {
  for (const { name } of aliasList(attributes)) {
    const taken = await findAlias(connection, name, call)
    if (!taken) checkNewAlias(name, { name: connection.name, info: await connection.server(call) }, 'aliases')
    if (!taken || taken.target === fingerprint || attributes.reuseAliases) continue
    throw new ConflictError(
      'already-exists',
      `Cannot give alias ${JSON.stringify(name)} on "${connection.name}" to a new image: it points at ${shortFingerprint(taken.target)}; set reuseAliases (--reuse) to take it over`,
      { server: connection.name },
    )
  }
}

/** Gives an image its attributes, aliases last; sends nothing if it has them. */
export async function applyAttributes(
  connection: Connection,
  fingerprint: string,
  attributes: ImageAttributes,
  call: CallOptions,
  removeProperties: readonly string[] = [],
): Promise<Image> {
  const added = checkProperties(attributes.properties ?? {})
  let image = await readOneImage(connection, fingerprint, call)
  const wanted = (now: Image): Record<string, string> => {
    const properties: Record<string, string> = { ...now.properties, ...added }
    for (const [key, value] of Object.entries(properties))
      if (value === '' || removeProperties.includes(key)) delete properties[key]
    return properties
  }
  if (!hasAttributes(image, attributes, wanted(image))) {
    image = await changeImage(
      connection,
      fingerprint,
      (now) => ({
        public: attributes.public,
        autoUpdate: attributes.autoUpdate,
        properties: wanted(now),
        expiresAt: attributes.expiresAt,
        profiles: attributes.profiles,
      }),
      undefined,
      call,
    )
  }
  const aliases = aliasList(attributes)
  for (const { name, description } of aliases)
    await giveAlias(connection, name, description, fingerprint, attributes, call)
  return aliases.length === 0 ? image : readOneImage(connection, fingerprint, call)
}

function aliasList(attributes: ImageAttributes): { name: string; description?: string | undefined }[] {
  return (attributes.aliases ?? []).map((alias) => (typeof alias === 'string' ? { name: alias } : alias))
}

async function giveAlias(
  connection: Connection,
  name: string,
  description: string | undefined,
  target: string,
  attributes: ImageAttributes,
  call: CallOptions,
): Promise<void> {
  // Checked again, because the name may have been taken during the transfer.
  await checkAliasesFree(connection, { aliases: [name], reuseAliases: attributes.reuseAliases }, target, call)
  // The image may have been there before, and another run may be deleting it.
  const { signal, project } = call
  const there = project === undefined ? connection : connection.inProject(project)
  const place: LockPlace = {
    name: there.name,
    aliases: createAliases(there),
    images: { find: (fingerprint, options) => findImage(there, fingerprint, options) },
    request: (asked) => there.ask({ action: `${asked.method} ${asked.path}`, ...asked }),
  }
  await pointAlias(place, name, { target, description, owner: 'another client', signal })
}

function hasAttributes(
  image: Image,
  attributes: ImageAttributes,
  properties: Record<string, string>,
): boolean {
  const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)
  return (
    (attributes.public ?? image.public) === image.public &&
    (attributes.autoUpdate ?? image.autoUpdate) === image.autoUpdate &&
    (attributes.expiresAt ?? image.expiresAt)?.getTime() === image.expiresAt?.getTime() &&
    same([...(attributes.profiles ?? image.profiles)].sort(), [...image.profiles].sort()) &&
    same(Object.entries(properties).sort(), Object.entries(image.properties).sort())
  )
}
