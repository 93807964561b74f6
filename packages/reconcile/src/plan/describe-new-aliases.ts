import type { Desired, DesiredImage } from '../desired/desired.ts'
import type { ObservedServer } from '../observed/observed.ts'
import { readMark } from '../ownership/alias-mark.ts'

/**
 * Gives aliases that a server has not yet the description that they have on another one, where the manifest gives them none.
 * One that is there keeps its own, as ever.
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
