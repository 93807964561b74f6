import type { Connection } from '../http/connection.ts'
import type { Image } from '../model/image.ts'
import type { OperationHandle } from '../operations/operation-handle.ts'
import { type CreateImageOptions, checkUrl, createImage } from './create-image.ts'

/**
 * Has the server download a unified image by a URL whose answer to `HEAD` names the file and its hash: in the headers
 * `LXD-Image-URL` and `LXD-Image-Hash`, or `Incus-…`, as the server's kind.
 *
 * An https address must be trusted by the server's own system. LXD 6.9 has given this up.
 */
export async function createFromUrl(
  connection: Connection,
  url: string,
  options: CreateImageOptions = {},
): Promise<OperationHandle<Image>> {
  checkUrl(url, 'url', ['https:', 'http:'])
  return createImage(
    connection,
    {
      source: { type: 'url', mode: 'pull', url },
      what: `download the image that ${url} names`,
      mayExist: true,
    },
    options,
  )
}
