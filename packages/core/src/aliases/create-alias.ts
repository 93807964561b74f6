import { checkAliasName, checkNewAlias } from '../arguments/alias-name.ts'
import { ArgumentError } from '../errors/errors.ts'
import { expandFingerprint } from '../fingerprints/expand-fingerprint.ts'
import type { CallOptions } from '../http/call.ts'
import type { Connection } from '../http/connection.ts'
import type { Alias } from '../model/alias.ts'
import { getAlias } from './get-alias.ts'
import { type AliasPlace, postAlias } from './post-alias.ts'

/** The fields of a new alias. */
export interface AliasAttributes {
  /** A fingerprint or the beginning of one; never another alias. */
  target: string
  /** @default '' */
  description?: string | undefined
}

/**
 * Gives an image a name; `already-exists` if the name is taken, even by the same image.
 *
 * @throws {ArgumentError} `invalid-argument` for a name that this server refuses, before anything is sent
 */
export async function createAlias(
  connection: Connection,
  name: string,
  attributes: AliasAttributes,
  options: CallOptions = {},
): Promise<Alias> {
  if (!attributes?.target) {
    throw new ArgumentError(
      'target',
      `Cannot create alias ${JSON.stringify(name)} without a target: give the fingerprint of an image`,
      {
        code: 'alias-attributes-required',
      },
    )
  }
  checkAliasName(name)
  const target = await expandFingerprint(connection, attributes.target, options)
  checkNewAlias(name, { name: connection.name, info: await connection.server(options) })
  const place: AliasPlace = { request: (call) => connection.ask({ action: 'create an alias', ...call }) }
  await postAlias(place, name, { target, description: attributes.description ?? '' }, options)
  return getAlias(connection, name, options)
}
