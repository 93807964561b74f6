import { type Client, copyImage, HyperkitError, isHyperkitError } from '@hyperkit/core'
import { messageOf } from '@hyperkit/core/parts'
import type { DownloadImage } from '../documents/plan.ts'
import type { RemoteOrigin } from '../sources/content.ts'
import { openRemote } from '../sources/open-remote.ts'
import { openStreams } from '../sources/open-streams.ts'
import type { OpenOptions } from '../sources/wrap-transport.ts'
import type { CreationOptions } from './apply-change-options.ts'
import { propertiesOf } from './properties-of.ts'
import { pullRemote } from './pull-remote.ts'

/**
 * Has the server download an image. If the server cannot reach the source, the image goes through this process: then it is
 * exactly the planned image, and the server does not know where newer versions are.
 */
export async function bringRemote(
  client: Client,
  change: DownloadImage,
  origin: RemoteOrigin,
  options: CreationOptions,
): Promise<void> {
  try {
    return await pullRemote(client, change, origin, options)
  } catch (error) {
    // An image of a registry can only be downloaded and unpacked by a server.
    const isOnlyWay = origin.access.secret !== undefined || origin.protocol === 'oci'
    if (!isHyperkitError(error, 'operation-failed') || isOnlyWay) throw error
    options.signal.throwIfAborted()
    await relay(client, change, origin, options).catch((second: unknown) => {
      options.signal.throwIfAborted()
      const why = messageOf(second)
      throw new HyperkitError(
        'copy-failed',
        `${error.message}; copying it through this process failed too: ${why}`,
        {
          server: client.name,
          cause: second,
        },
      )
    })
  }
}

async function relay(
  client: Client,
  { fingerprint, fields }: DownloadImage,
  origin: RemoteOrigin,
  { signal, onProgress, onWarning, wrapTransport, maxDocument }: CreationOptions,
): Promise<void> {
  const { source, close } = await openSource(origin, { wrapTransport, maxDocument })
  try {
    const properties = propertiesOf(fields)
    // The image is private until its fields are updated, as when the server downloads it.
    await copyImage(source, client, fingerprint, {
      mode: 'relay',
      public: false,
      properties,
      signal,
      onProgress,
      onWarning,
    })
  } finally {
    close()
  }
}

async function openSource(
  origin: RemoteOrigin,
  options: OpenOptions,
): Promise<{ source: Parameters<typeof copyImage>[0]; close(): void }> {
  if (origin.protocol === 'simplestreams') {
    const { streams, close } = openStreams(origin.server, options)
    return { source: streams, close }
  }
  const remote = await openRemote(origin, origin.project, options)
  return { source: remote, close: () => remote.close() }
}
