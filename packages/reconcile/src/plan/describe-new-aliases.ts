import type { Desired, DesiredImage } from '../desired/desired.ts'
import type { ObservedServer } from '../observed/observed.ts'
import { readMark } from '../ownership/alias-mark.ts'

/**
 * Gives each alias that a server does not have yet the description that it has on another server, unless the manifest gives
 * it one. An alias that the server has keeps its own description.
 */
export function describeNewAliases(
  desired: Desired,
  observed: readonly ObservedServer[],
  there: readonly { alias: string; description: string }[],
): Desired {
  const texts = new Map(there.map(({ alias, description }) => [alias, readMark(description).text]))
  return {
    ...desired,
    servers: desired.servers.map((server) => {
      const found = observed.find(({ name }) => name === server.name)
      if (found?.status !== 'read') return server
      const describe = (alias: DesiredImage['aliases'][number]): DesiredImage['aliases'][number] => ({
        ...alias,
        description: alias.description ?? (found.aliases.has(alias.name) ? undefined : texts.get(alias.name)),
      })
      return {
        ...server,
        images: server.images.map((image) => ({ ...image, aliases: image.aliases.map(describe) })),
      }
    }),
  }
}
