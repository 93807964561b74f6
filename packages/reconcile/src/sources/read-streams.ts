import type { Client } from '@hyperkit/core'
import type { RemoteSource } from '../manifest/source.ts'
import type { Content, RemoteOrigin } from './content.ts'
import { openStreams } from './open-streams.ts'
import type { SourceContext } from './source-context.ts'

/**
 * What a name of a simplestreams server means for a server: by its architecture, and by its kind where there are files of
 * each.
 *
 * @param target undefined where it is to be the same for all
 */
export async function readStreams(
  { alias, fingerprint = '', type }: RemoteSource,
  origin: RemoteOrigin,
  target: Client | undefined,
  { signal, wrapTransport }: Pick<SourceContext, 'signal' | 'wrapTransport'>,
): Promise<Content> {
  const info = await target?.server({ signal })
  const { streams, close } = openStreams(origin.server, { wrapTransport })
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
