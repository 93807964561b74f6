import { type Client, HyperkitError } from '@hyperkit/core'
import type { NamedContent } from '../desired/desire-promotion.ts'
import { mapAtMost } from '../turns/map-at-most.ts'

/** What names mean on a server; those that it does not know are left out. */
export async function readAliases(
  client: Client,
  names: readonly string[],
  signal: AbortSignal | undefined,
): Promise<NamedContent[]> {
  const { trusted } = await client.server({ signal })
  // To a stranger, private images and their aliases are "not found", which is not the same as not there.
  if (!trusted)
    throw new HyperkitError(
      'not-authorized',
      `Cannot read images of "${client.name}": the server does not trust this client; give a client certificate that it knows`,
      { server: client.name },
    )
  const found = await mapAtMost(8, new Set(names), async (alias): Promise<NamedContent | undefined> => {
    const named = await client.aliases.find(alias, { signal })
    if (named === undefined) return undefined
    const { fingerprint, size } = await client.images.get(named.target, { signal })
    return { alias, description: named.description, fingerprint, size }
  })
  return found.filter((each) => each !== undefined)
}
