import { HyperkitError } from '@hyperkit/core'
import type { UrlSource } from '../manifest/source.ts'
import type { Content } from './content.ts'
import { sizeOf } from './download-file.ts'
import { openUrl } from './open-url.ts'
import { readUnverified } from './read-unverified.ts'

/**
 * What a URL holds: as the manifest's `sha256` says, or the headers with which pages name an image to LXD and Incus.
 * Where nothing says it beforehand, and only where that is allowed, the file is downloaded to see.
 */
export async function readUrl(source: UrlSource, signal: AbortSignal | undefined): Promise<Content> {
  const { url, sha256, insecure } = source
  const page = await look(url, insecure, signal).catch((error: unknown) => {
    signal?.throwIfAborted()
    // What the content must be is known then, and servers may have it.
    if (sha256 !== undefined) return undefined
    throw error
  })
  const named = page === undefined ? undefined : readHeaders(page.headers, url)
  const fingerprint = sha256 ?? named?.fingerprint
  const file = named?.file ?? url
  if (fingerprint !== undefined) {
    const size = file === url ? page?.size : (await look(file, insecure, signal).catch(() => undefined))?.size
    return { fingerprint, size: size ?? null, origin: { kind: 'url', url, file, insecure } }
  }
  if (insecure) return readUnverified(source, signal)
  throw new HyperkitError(
    'invalid-configuration',
    `Cannot take an image from ${JSON.stringify(url)}: nothing says what it must be; give "sha256", or add "insecure: true" to take whatever is there`,
  )
}

interface Page {
  headers: Headers
  size: number | undefined
}

/** The headers alone, whatever the status: some pages answer 404 with the headers that matter. */
async function look(url: string, insecure: boolean, signal: AbortSignal | undefined): Promise<Page> {
  const { response, close } = await openUrl(url, { method: 'HEAD', insecure, signal })
  await response.body?.cancel().catch(() => {})
  close()
  return { headers: response.headers, size: response.ok ? sizeOf(response) : undefined }
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
      `Cannot take an image from ${JSON.stringify(url)}: its headers do not agree on one image, or name none`,
    )
  return { fingerprint, file: new URL(file, url).href }
}
