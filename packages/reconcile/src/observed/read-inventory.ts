import type { Client } from '@hyperkit/core'
import { checkAliasName, messageOf } from '@hyperkit/core/parts'
import { isLockAlias } from '../ownership/lock-alias.ts'
import { requireView } from '../sources/require-view.ts'
import type { InventoryImage, ServerInventory } from './inventory.ts'

/**
 * All images of a server, except those that it keeps only as a cache (`cached`).
 *
 * @throws {TruncatedListError} if the server may have left some out
 */
export async function readInventory(
  client: Client,
  name: string,
  signal: AbortSignal | undefined,
): Promise<ServerInventory> {
  const info = await client.server({ signal })
  await requireView(client, signal)
  const images = await client.images.list({ signal })
  return {
    name,
    dialect: info.dialect.kind,
    version: info.version,
    images: images.filter(({ cached }) => !cached).map((image) => ({ ...image, ...sortAliases(image) })),
  }
}

function sortAliases({
  aliases,
}: Pick<InventoryImage, 'aliases'>): Pick<InventoryImage, 'aliases' | 'unusable'> {
  const own = aliases.filter(({ name }) => !isLockAlias(name))
  const unusable = own.flatMap(({ name }) => {
    try {
      checkAliasName(name)
      return []
    } catch (error) {
      return [{ name, why: messageOf(error) }]
    }
  })
  return {
    aliases: own
      .filter(({ name }) => !unusable.some((other) => other.name === name))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
    unusable,
  }
}
