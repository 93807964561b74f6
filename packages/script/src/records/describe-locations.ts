import type { Client, Image } from '@hyperkit/core'

/**
 * A line for each member of the cluster that has the files of an image, with the state of the member; undefined on a single server.
 *
 * @example
 * ```ts
 * console.log((await describeLocations(client, await client.images.getByAlias('ubuntu/noble')))?.join('\n'))
 * ```
 */
export async function describeLocations(
  client: Client,
  { locations }: Pick<Image, 'locations'>,
  { signal }: { signal?: AbortSignal } = {},
): Promise<string[] | undefined> {
  const { clustered } = await client.server({ signal })
  if (!clustered) return undefined
  if (locations === undefined) return ['not reported by this server']
  const cluster = await client.cluster({ signal })
  if (cluster.kind !== 'cluster') return locations
  return locations.map((name) => {
    const member = cluster.members.find((one) => one.name === name)
    return member === undefined ? name : `${name} (${member.status.toLowerCase()})`
  })
}
