import type { UnifiedExport } from '@hyperkit/core'
import { answerBytes, answerJson, isKnown, notModified } from './answer.ts'
import type { CatalogueImage } from './catalogue-image.ts'
import { type CacheLookup, type Context, lookIntoCache } from './edge-cache.ts'
import { createImageHash } from './hash-image.ts'
import { disposition, type ImageFile } from './image-file.ts'
import { answerTwoFiles } from './pages.ts'
import { type ByteRange, parseRange } from './parse-range.ts'
import { createPassage } from './platform.ts'
import { type CopyTarget, sendBytes } from './send-bytes.ts'
import { sendPart } from './send-part.ts'
import type { Settings } from './settings.ts'

/**
 * The bytes behind a fingerprint never change: browsers may keep them for a year. Shared caches ask again after an hour,
 * because an image can be made private.
 */
const immutable = 'public, max-age=31536000, s-maxage=3600, immutable'

export async function downloadImage(
  settings: Settings,
  image: CatalogueImage,
  file: ImageFile,
  request: Request,
  context: Context,
): Promise<Response> {
  const etag = `"${image.fingerprint}${file === 'download' ? '' : `-${file}`}"`
  const headers = { 'cache-control': immutable, etag }
  if (isKnown(request, etag)) return notModified(new Headers(headers))
  const range = file === 'download' ? parseRange(request, etag, image.size) : undefined
  if (range === 'unsatisfiable') {
    return answerJson(
      { error: `The file has ${image.size} bytes` },
      { status: 416, headers: { 'content-range': `bytes */${image.size}`, 'cache-control': 'no-store' } },
    )
  }
  const url = `${new URL(request.url).origin}/images/${image.fingerprint}/download`
  const cache =
    file === 'download'
      ? await lookIntoCache(context, url, range && { range: `bytes=${range.start}-${range.end}` })
      : undefined
  if (cache?.found !== undefined) return fromCache(cache.found)
  const exported = await settings.client.images.export(image.fingerprint, {
    signal: request.signal,
    size: image.size,
    ...(range && { range: { start: range.start } }),
  })
  if (exported.kind === 'split') {
    if (file !== 'download') return sendPart(exported, image, file, headers)
    await exported.cancel()
    return answerTwoFiles(settings, image, request)
  }
  if (file === 'download') return sendUnified(exported, image, { range, common: headers, keep: cache?.keep })
  await exported.body.cancel()
  return answerJson(
    { error: 'This image consists of one file', files: [`/images/${image.fingerprint}/download`] },
    { status: 404, headers: { 'cache-control': 'no-store' } },
  )
}

interface Sending {
  range: ByteRange | undefined
  common: Record<string, string>
  keep: CacheLookup['keep']
}

const type = 'application/octet-stream'

/** The file was verified when it was put into the cache. */
function fromCache(kept: Response): Response {
  const headers = new Headers(kept.headers)
  headers.set('cache-control', immutable)
  headers.set('cache-status', 'catalogue; hit')
  return new Response(kept.body, { status: kept.status, headers })
}

function sendUnified(
  { body, start, totalSize, filename }: UnifiedExport,
  image: CatalogueImage,
  { range, common, keep }: Sending,
): Response {
  const size = totalSize ?? image.size
  const headers: Record<string, string> = {
    ...common,
    'accept-ranges': 'bytes',
    // RFC 9530: the digest of the whole file, even if only a part is sent. The fingerprint is its SHA-256.
    'repr-digest': `sha-256=:${base64OfHex(image.fingerprint)}:`,
    'content-disposition': disposition(image, filename),
  }
  if (range === undefined || start !== range.start) {
    headers['content-length'] = String(size)
    const verify = { expected: image.fingerprint, hash: createImageHash() }
    const copyTo = keep && copyInto((copy) => keep(answerBytes(copy, type, { headers })), size)
    const whole = sendBytes(body, { length: size, verify, copyTo })
    return answerBytes(whole, type, { headers })
  }
  // A part cannot be verified here; the visitor gets the digest of the whole file.
  const length = range.end - range.start + 1
  headers['content-length'] = String(length)
  headers['content-range'] = `bytes ${range.start}-${range.end}/${size}`
  return answerBytes(sendBytes(body, { length }), type, { status: 206, headers })
}

function copyInto(keep: (copy: ReadableStream<Uint8Array>) => Promise<void>, size: number): CopyTarget {
  const { readable, writable } = createPassage(size)
  return { writable, gone: keep(readable) }
}

function base64OfHex(hex: string): string {
  return btoa(String.fromCharCode(...(hex.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16))))
}
