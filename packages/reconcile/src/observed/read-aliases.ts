import type { Client } from '@hyperkit/core'
import { mapAtMost } from '../concurrency/map-at-most.ts'
import type { NamedContent } from '../desired/desire-promotion.ts'
import { requireView } from '../sources/require-view.ts'

/** What aliases point at on a server, without those that it does not have. */
export async function readAliases(
  client: Client,
  names: readonly string[],
  signal: AbortSignal | undefined,
): Promise<NamedContent[]> {
  await requireView(client, signal)
  const found = await mapAtMost(8, new Set(names), async (alias): Promise<NamedContent | undefined> => {
    const named = await client.aliases.find(alias, { signal })
    if (named === undefined) return undefined
    const { fingerprint, size } = await client.images.get(named.target, { signal })
    return { alias, description: named.description, fingerprint, size }
  })
  return found.filter((each) => each !== undefined)
}
