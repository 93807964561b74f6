import type { Client } from '@hyperkit/core'
import type { RemoteSource } from '../manifest/source.ts'
import type { Content, RemoteOrigin } from './content.ts'
import { openStreams } from './open-streams.ts'
import type { SourceContext } from './source-context.ts'

/**
 * Reads which image a name on a simplestreams server means for a target server, by its architecture, and by LXD or Incus if
 * there are files for each.
 *
 * @param target undefined if the image should be the same for all servers
 */
export async function readStreams(
  { alias, fingerprint = '', type }: RemoteSource,
  origin: RemoteOrigin,
  target: Client | undefined,
  { signal, ...open }: Pick<SourceContext, 'signal' | 'wrapTransport' | 'maxDocument' | 'onWarning'>,
): Promise<Content> {
  const info = await target?.server({ signal })
  const { streams, close } = openStreams(origin.server, open)
  try {
    const image = await streams.resolve(alias ?? fingerprint, {
      type,
      architecture: info?.architectures[0],
      dialect: info?.dialect.kind,
      signal,
    })
    const { serial, size } = image
    return { fingerprint: image.fingerprint, size: size === 0 ? null : size, serial, origin }
  } finally {
    close()
  }
}
