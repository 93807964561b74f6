import type { UnifiedExport } from '@hyperkit/core'
import { answerBytes, answerJson, isKnown, notModified } from './answer.ts'
import type { CatalogueImage } from './catalogue-image.ts'
import { createImageHash } from './hash-image.ts'
import { disposition, type ImageFile } from './image-file.ts'
import { answerTwoFiles } from './pages.ts'
import { type ByteRange, parseRange } from './parse-range.ts'
import { sendBytes } from './send-bytes.ts'
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
  const exported = await settings.client.images.export(image.fingerprint, {
    signal: request.signal,
    ...(range && { range: { start: range.start } }),
  })
  if (exported.kind === 'split') {
    if (file !== 'download') return sendPart(exported, image, file, headers)
    await exported.cancel()
    return answerTwoFiles(settings, image, request)
  }
  if (file === 'download') return sendUnified(exported, image, range, headers)
  await exported.body.cancel()
  return answerJson(
    { error: 'This image is one file', files: [`/images/${image.fingerprint}/download`] },
    { status: 404, headers: { 'cache-control': 'no-store' } },
  )
}

function sendUnified(
  { body, start, totalSize, filename }: UnifiedExport,
  image: CatalogueImage,
  range: ByteRange | undefined,
  common: Record<string, string>,
): Response {
  const size = totalSize ?? image.size
  const headers: Record<string, string> = {
    ...common,
    'accept-ranges': 'bytes',
    // RFC 9530: of the whole file, also where a part of it is sent. The fingerprint is its SHA-256.
    'repr-digest': `sha-256=:${base64OfHex(image.fingerprint)}:`,
    'content-disposition': disposition(image, filename),
  }
  if (range === undefined || start !== range.start) {
    headers['content-length'] = String(size)
    const verify = { expected: image.fingerprint, hash: createImageHash() }
    return answerBytes(sendBytes(body, { length: size, verify }), 'application/octet-stream', { headers })
  }
  // A part cannot be verified here: the visitor has the digest of the whole.
  const length = range.end - range.start + 1
  headers['content-length'] = String(length)
  headers['content-range'] = `bytes ${range.start}-${range.end}/${size}`
  return answerBytes(sendBytes(body, { length }), 'application/octet-stream', { status: 206, headers })
}

function base64OfHex(hex: string): string {
  return btoa(String.fromCharCode(...(hex.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16))))
}
