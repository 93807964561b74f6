import type { CallOptions } from '../http/call.ts'
import type { Connection } from '../http/connection.ts'
import type { Alias } from '../model/alias.ts'
import { type AliasAttributes, createAlias } from './create-alias.ts'
import { type DeleteAliasOptions, deleteAlias } from './delete-alias.ts'
import { findAlias, getAlias } from './get-alias.ts'
import { listAliases } from './list-aliases.ts'
import { renameAlias } from './rename-alias.ts'
import { type SetAlias, setAlias } from './set-alias.ts'
import { type AliasChanges, type UpdateAliasOptions, updateAlias } from './update-alias.ts'

/**
 * The names of a project's images. A name points at one image; an image may have many.
 *
 * @example
 * ```ts
 * const { fingerprint } = await client.images.getByAlias('ubuntu/noble')
 * const { change } = await client.aliases.set('ubuntu/lts', { target: fingerprint }) // 'created', or 'retargeted'
 * await client.aliases.rename('ubuntu/lts', 'ubuntu/24.04-lts')
 * await client.aliases.delete('ubuntu/24.04-lts')
 * ```
 */
export interface Aliases {
  /** All aliases, sorted by name. */
  list(options?: CallOptions): Promise<Alias[]>
  /** One alias, with its ETag; `not-found` if there is none. */
  get(name: string, options?: CallOptions): Promise<Alias>
  /** One alias, or undefined. */
  find(name: string, options?: CallOptions): Promise<Alias | undefined>
  /** Creates an alias; `already-exists` if the name is taken. */
  create(name: string, attributes: AliasAttributes, options?: CallOptions): Promise<Alias>
  /** Changes the given fields, under the ETag, and keeps the rest. */
  update(name: string, changes: AliasChanges, options?: UpdateAliasOptions): Promise<Alias>
  /** Gives the alias another name; the image stays the same. */
  rename(name: string, newName: string, options?: CallOptions): Promise<Alias>
  /** Creates or retargets the alias, whichever is needed; at no moment does the name point at nothing. */
  set(name: string, attributes: AliasAttributes, options?: CallOptions): Promise<SetAlias>
  /** Deletes the alias and keeps the image; `not-found` if there is no such alias. */
  delete(name: string, options?: DeleteAliasOptions): Promise<void>
}

export function createAliases(connection: Connection): Aliases {
  return {
    list: (options) => listAliases(connection, options),
    get: (name, options) => getAlias(connection, name, options),
    find: (name, options) => findAlias(connection, name, options),
    create: (name, attributes, options) => createAlias(connection, name, attributes, options),
    update: (name, changes, options) => updateAlias(connection, name, changes, options),
    rename: (name, newName, options) => renameAlias(connection, name, newName, options),
    set: (name, attributes, options) => setAlias(connection, name, attributes, options),
    delete: (name, options) => deleteAlias(connection, name, options),
  }
}
