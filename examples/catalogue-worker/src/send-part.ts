import type { SplitExport } from '@hyperkit/core'
import { answerBytes } from './answer.ts'
import type { CatalogueImage } from './catalogue-image.ts'
import { createImageHash } from './hash-image.ts'
import { disposition } from './image-file.ts'
import { readPieces } from './read-pieces.ts'
import { sendBytes } from './send-bytes.ts'

/**
 * One file of a split image. The fingerprint is one hash over both: the rootfs is verified, after the metadata were read
 * through the hash; the metadata alone cannot be.
 */
export async function sendPart(
  exported: SplitExport,
  image: CatalogueImage,
  file: 'metadata' | 'rootfs',
  headers: Record<string, string>,
): Promise<Response> {
  const close = (): Promise<void> => exported.cancel()
  // Not `for await`: leaving that loop would end the transfer.
  const parts = exported.parts[Symbol.asyncIterator]()
  const hash = createImageHash()
  for (;;) {
    const { done, value: part } = await parts.next()
    if (done) throw new Error(`Image ${image.fingerprint} has no file "${file}"`)
    const isMetadata = part.name === 'metadata'
    const named = { ...headers, 'content-disposition': disposition(image, part.filename, part.name) }
    if (isMetadata && file === 'metadata') {
      const unverified = { ...named, 'cache-control': 'public, max-age=300' }
      return answerBytes(sendBytes(part.body, { close }), 'application/octet-stream', { headers: unverified })
    }
    if (!isMetadata) {
      const body = sendBytes(part.body, { close, verify: { expected: image.fingerprint, hash } })
      return answerBytes(body, 'application/octet-stream', { headers: named })
    }
    for await (const piece of readPieces(part.body)) await hash.add(piece)
  }
}
