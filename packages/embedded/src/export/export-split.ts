import { randomBytes } from 'node:crypto'
import type { ImageLayout } from '../records/records.ts'
import type { StoredBlob } from '../store/store.ts'
import { streamOf } from './export-unified.ts'

/** The two files of a split image as a multipart body; ranges are ignored (T24). */
export function exportSplit(
  fingerprint: string,
  layout: Extract<ImageLayout, { kind: 'split' }>,
  metadata: StoredBlob,
  rootfs: StoredBlob,
  isOfRegistry: boolean,
): Response {
  const boundary = randomBytes(30).toString('hex')
  const body = writeSplit(boundary, [
    { name: 'metadata', filename: `meta-${fingerprint}${layout.extension}`, blob: metadata },
    { name: layout.rootfsPart, filename: `${fingerprint}${layout.rootfsExtension}`, blob: rootfs },
  ])
  return new Response(streamOf(body), {
    headers: {
      'content-type': `multipart/form-data; boundary=${boundary}`,
      ...(isOfRegistry ? { 'x-incus-type': 'oci' } : {}),
    },
  })
}

interface Part {
  name: string
  filename: string
  blob: StoredBlob
}

async function* writeSplit(boundary: string, parts: readonly Part[]): AsyncGenerator<Uint8Array> {
  for (const [index, { name, filename, blob }] of parts.entries()) {
    const lead = index === 0 ? '' : '\r\n'
    yield Buffer.from(
      `${lead}--${boundary}\r\nContent-Disposition: form-data; name="${name}"; filename="${filename}"\r\n` +
        'Content-Type: application/octet-stream\r\n\r\n',
    )
    yield* blob.read()
  }
  // The daemons close the body twice (seen on LXD 5.0.2); clients must ignore everything after the first end.
  yield Buffer.from(`\r\n--${boundary}--\r\n\r\n--${boundary}--\r\n`)
}
