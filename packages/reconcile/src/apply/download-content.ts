import { type Client, HyperkitError, type Image } from '@hyperkit/core'
import type { DownloadImage } from '../documents/plan.ts'
import type { CreationOptions } from './apply-change-options.ts'
import { bringRemote } from './bring-remote.ts'
import { bringUrl } from './bring-url.ts'
import { updateFields } from './update-fields.ts'

/** Brings an image from another server, or a web server, to this one; a request of its own sets its attributes afterwards. */
export async function downloadContent(
  client: Client,
  change: DownloadImage,
  options: CreationOptions,
): Promise<void> {
  const { origin } = options
  let now: Image | undefined
  if (origin?.kind === 'remote') await bringRemote(client, change, origin, options)
  else if (origin?.kind === 'url') now = await bringUrl(client, change, origin, options)
  else
    throw new HyperkitError(
      'invalid-argument',
      `Cannot download image "${change.image}" to "${client.name}": the source that was planned is no longer known; plan again`,
      { server: client.name },
    )
  await updateFields(client, { ...change, etag: null }, { signal: options.signal, now })
}
