import { checkWholeFingerprint } from '../arguments/fingerprint.ts'
import type { Connection } from '../http/connection.ts'
import type { Image } from '../model/image.ts'
import { rulesOf } from '../model/server-rules.ts'
import type { OperationHandle } from '../operations/operation-handle.ts'
import { bringFromUrl } from './bring-from-url.ts'
import { type CreateImageOptions, checkUrl, createImage } from './create-image.ts'

/** Options of `images.createFromUrl`. */
export interface CreateFromUrlOptions extends CreateImageOptions {
  /**
   * SHA-256 of the file, 64 hex. With it, this process downloads the file and sends it on, even if the server could download it, and
   * the URL may be that of the file itself.
   */
  sha256?: string | undefined
  /** How this process reaches the web server, if it downloads the file. @default globalThis.fetch */
  fetch?: ((input: string, init: RequestInit) => Promise<Response>) | undefined
}

/**
 * Makes the server download a unified image by a URL. The answer to `HEAD` must name the file and its hash, in the headers
 * `LXD-Image-URL` and `LXD-Image-Hash`, or `Incus-…` for an Incus server. The server's own system must trust an https address.
 *
 * LXD 6.9 and newer no longer do this. There, and with `sha256`, this process reads the headers and the file, and sends the file on to
 * the server, which refuses bytes with another hash. Then this process must be able to reach the URL, and the call returns after the
 * file has been sent, even with `sync: false`.
 *
 * @throws {UnsupportedError} if this process has to download the file, and neither `sha256` nor the headers name its hash
 * @throws {FingerprintMismatchError} if the headers name another image than `sha256`
 */
export async function createFromUrl(
  connection: Connection,
  url: string,
  { sha256, fetch = (input, init) => globalThis.fetch(input, init), ...options }: CreateFromUrlOptions = {},
): Promise<OperationHandle<Image>> {
  checkUrl(url, 'url', ['https:', 'http:'])
  const fingerprint = sha256 === undefined ? undefined : checkWholeFingerprint(sha256, 'sha256')
  const server = await connection.server({ signal: options.signal })
  if (fingerprint !== undefined || rulesOf(server).refusesUrls)
    return bringFromUrl(connection, url, { ...options, fingerprint, fetch, server })
  return createImage(
    connection,
    {
      source: { type: 'url', mode: 'pull', url },
      what: `download an image from ${url}`,
      mayExist: true,
    },
    options,
  )
}
