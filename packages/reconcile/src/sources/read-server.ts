import type { Client } from '@hyperkit/core'
import type { ServerSource } from '../manifest/source.ts'
import { isOfRegistry } from '../ownership/registry-property.ts'
import type { Content } from './content.ts'

/** Reads which image an alias or the beginning of a fingerprint means on another server of the manifest now. */
export async function readServer(
  { server, alias, fingerprint = '' }: ServerSource,
  client: Client,
  signal: AbortSignal | undefined,
): Promise<Content> {
  const image =
    alias === undefined
      ? await client.images.get(fingerprint, { signal })
      : await client.images.getByAlias(alias, { signal })
  return {
    fingerprint: image.fingerprint,
    size: image.size,
    ...(isOfRegistry(image.properties) ? { ofRegistry: true } : {}),
    origin: { kind: 'copy', server, depth: 1 },
  }
}
