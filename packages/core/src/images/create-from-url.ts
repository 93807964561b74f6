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
   * SHA-256 of the file, 64 hex. With it, this process downloads the file and sends it on, whatever the server can, and the
   * URL may be that of the file itself.
   */
  sha256?: string | undefined
  /** How this process asks the web server, where it does. @default globalThis.fetch */
  fetch?: ((input: string, init: RequestInit) => Promise<Response>) | undefined
}

/**
 * Has the server download a unified image by a URL whose answer to `HEAD` names the file and its hash: in the headers
 * `LXD-Image-URL` and `LXD-Image-Hash`, or `Incus-…`, as the server's kind. An https address must be trusted by the server's
 * own system.
 *
 * LXD 6.9 and newer have given this up. There, and with `sha256`, this process reads the headers and the file, which goes on to
 * the server as it comes; the server refuses bytes that have another hash. Then the URL must be reached from here, and the call
 * returns, also with `sync: false`, when the file has been sent.
 *
 * @throws {UnsupportedError} where this process is to download, and neither `sha256` nor the headers say what the file must be
 * @throws {FingerprintMismatchError} where the headers name another image than `sha256`
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
      what: `download the image that ${url} names`,
      mayExist: true,
    },
    options,
  )
}
