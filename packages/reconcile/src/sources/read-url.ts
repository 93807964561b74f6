import { HyperkitError } from '@hyperkit/core'
import { publicUrl } from '../identity/public-url.ts'
import type { UrlSource } from '../manifest/source.ts'
import type { Content } from './content.ts'
import { type OpenUrlOptions, openUrl } from './open-url.ts'
import { readUnverified } from './read-unverified.ts'
import { sizeOf } from './receive-body.ts'
import type { SourceContext } from './source-context.ts'

/**
 * What a URL holds: as the manifest's `sha256` says, or the headers with which pages name an image to LXD and Incus.
 * Where nothing says it beforehand, and only where that is allowed, the file is downloaded to see.
 */
export async function readUrl(
  source: UrlSource,
  { signal, wrapTransport }: Pick<SourceContext, 'signal' | 'wrapTransport'>,
): Promise<Content> {
  const { url, sha256, insecure } = source
  const patience = sha256 === undefined ? undefined : whereOnlySizeIsAsked
  const page = await look(url, { insecure, signal, wrapTransport, patience }).catch((error: unknown) => {
    signal?.throwIfAborted()
    // What the content must be is known then, and servers may have it.
    if (sha256 !== undefined) return undefined
    throw error
  })
  const named = page === undefined ? undefined : readHeaders(page.headers, url)
  const fingerprint = sha256 ?? named?.fingerprint
  const file = named?.file ?? url
  if (fingerprint !== undefined) {
    const size = file === url ? page?.size : await sizeThere(file, { insecure, signal, wrapTransport })
    return { fingerprint, size: size ?? null, origin: { kind: 'url', url, file, insecure } }
  }
  if (insecure) return readUnverified(source, { signal, wrapTransport })
  throw new HyperkitError(
    'invalid-configuration',
    page?.isThere === false
      ? `Cannot take an image from ${JSON.stringify(publicUrl(url))}: the web server answered ${page.status}, and nothing says what it must be; mend "url", or give "sha256"`
      : `Cannot take an image from ${JSON.stringify(publicUrl(url))}: nothing says what it must be; give "sha256", or add "insecure: true" to take whatever is there`,
  )
}

/** Milliseconds: a plan is as good without it. */
const whereOnlySizeIsAsked = 10_000

async function sizeThere(file: string, options: LookOptions): Promise<number | undefined> {
  const page = await look(file, { ...options, patience: whereOnlySizeIsAsked }).catch(() => undefined)
  options.signal?.throwIfAborted()
  return page?.size
}

interface Page {
  headers: Headers
  status: number
  isThere: boolean
  size: number | undefined
}

type LookOptions = Omit<OpenUrlOptions, 'method' | 'headers'>

/** The headers alone, whatever the status: some pages answer 404 with the headers that matter. */
async function look(url: string, options: LookOptions): Promise<Page> {
  const { response, close } = await openUrl(url, { ...options, method: 'HEAD' })
  await response.body?.cancel().catch(() => {})
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
      `Cannot take an image from ${JSON.stringify(publicUrl(url))}: its headers do not agree on one image, or name none`,
    )
  return { fingerprint, file: new URL(file, url).href }
}
