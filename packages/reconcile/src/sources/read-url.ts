import { HyperkitError } from '@hyperkit/core'
import { discardBody } from '@hyperkit/core/parts'
import { publicUrl } from '../identity/public-url.ts'
import type { UrlSource } from '../manifest/source.ts'
import type { Content } from './content.ts'
import { type OpenUrlOptions, openUrl } from './open-url.ts'
import { readUnverified } from './read-unverified.ts'
import { sizeOf } from './receive-body.ts'
import type { SourceContext } from './source-context.ts'

/**
 * Finds the fingerprint of the image at a URL: from `sha256` in the manifest, or from the headers by which a page names an image
 * to LXD and Incus. Without either, the file is downloaded to find out, if `insecure` allows that.
 */
export async function readUrl(
  source: UrlSource,
  {
    signal,
    wrapTransport,
    maxSize,
    keepsNothing,
  }: Pick<SourceContext, 'signal' | 'wrapTransport' | 'maxSize' | 'keepsNothing'>,
): Promise<Content> {
  const { url, sha256, insecure } = source
  const patience = sha256 === undefined ? undefined : sizeTimeout
  const page = await readHead(url, { insecure, signal, wrapTransport, patience }).catch((error: unknown) => {
    signal?.throwIfAborted()
    // The fingerprint is known anyway, and servers may already have the image.
    if (sha256 !== undefined) return undefined
    throw error
  })
  const named = page === undefined ? undefined : readHeaders(page.headers, url)
  const fingerprint = sha256 ?? named?.fingerprint
  const file = named?.file ?? url
  if (fingerprint !== undefined) {
    const size = file === url ? page?.size : await readSize(file, { insecure, signal, wrapTransport })
    return { fingerprint, size: size ?? null, origin: { kind: 'url', url, file, insecure } }
  }
  if (insecure) return readUnverified(source, { signal, wrapTransport, maxSize, keepsNothing })
  throw new HyperkitError(
    'invalid-configuration',
    page?.isThere === false
      ? `Cannot use the image at ${JSON.stringify(publicUrl(url))}: the web server answered ${page.status}, and its fingerprint is unknown; correct "url", or add "sha256"`
      : `Cannot use the image at ${JSON.stringify(publicUrl(url))}: its fingerprint is unknown; add "sha256", or "insecure: true" to accept any content`,
  )
}

/** Milliseconds to wait if only the size is unknown, which a plan does not need. */
const sizeTimeout = 10_000

async function readSize(file: string, options: ReadHeadOptions): Promise<number | undefined> {
  const page = await readHead(file, { ...options, patience: sizeTimeout }).catch(() => undefined)
  options.signal?.throwIfAborted()
  return page?.size
}

interface Page {
  headers: Headers
  status: number
  isThere: boolean
  size: number | undefined
}

type ReadHeadOptions = Omit<OpenUrlOptions, 'method' | 'headers'>

/** Requests only the headers, and accepts any status: some pages answer 404 with the headers that matter. */
async function readHead(url: string, options: ReadHeadOptions): Promise<Page> {
  const { response, close } = await openUrl(url, { ...options, method: 'HEAD' })
  await discardBody(response)
  close()
  const { headers, status, ok: isThere } = response
  return { headers, status, isThere, size: isThere ? sizeOf(response) : undefined }
}

function readHeaders(headers: Headers, url: string): { fingerprint: string; file: string } | undefined {
  const hashes = new Set(
    ['lxd-image-hash', 'incus-image-hash'].flatMap((name) => headers.get(name)?.toLowerCase() ?? []),
  )
  const files = ['incus-image-url', 'lxd-image-url'].flatMap((name) => headers.get(name) ?? [])
  const [fingerprint, ...others] = hashes
  if (fingerprint === undefined) return undefined
  const [file = url] = files
  if (others.length > 0 || !/^[0-9a-f]{64}$/.test(fingerprint) || !URL.canParse(file, url))
    throw new HyperkitError(
      'unexpected-answer',
      `Cannot use the image at ${JSON.stringify(publicUrl(url))}: its headers name no valid image, or more than one`,
    )
  return { fingerprint, file: new URL(file, url).href }
}
