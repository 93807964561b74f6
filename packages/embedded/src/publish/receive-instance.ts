import { randomBytes } from 'node:crypto'
import type { ServerContext } from '../call/context.ts'
import type { Creation } from '../creation/creation.ts'
import type { IncomingImage } from '../ingest/incoming-image.ts'
import { receiveSplit, receiveUnified } from '../ingest/receive-image.ts'
import { compress } from './compress.ts'
import { type InstanceContent, packMetadata, packRootfs, packUnified } from './pack-instance.ts'

/** Packs an instance into the store: one file, or two with `format: split`. */
export async function receiveInstance(
  { store, dialect }: ServerContext,
  content: InstanceContent,
  { compression, format }: Creation,
): Promise<IncomingImage> {
  const algorithm = compression || 'gzip'
  if (!dialect.publishFormat || format !== 'split')
    return receiveUnified(store, compress(packUnified(content), algorithm))
  const boundary = randomBytes(30).toString('hex')
  const parts = [
    { name: 'metadata', tar: packMetadata(content) },
    { name: 'rootfs', tar: packRootfs(content) },
  ]
  async function* body(): AsyncGenerator<Uint8Array> {
    for (const { name, tar } of parts) {
      const disposition = `Content-Disposition: form-data; name="${name}"; filename="${name}"`
      yield Buffer.from(`--${boundary}\r\n${disposition}\r\n\r\n`)
      yield* compress(tar, algorithm)
      yield Buffer.from('\r\n')
    }
    yield Buffer.from(`--${boundary}--\r\n`)
  }
  return receiveSplit(store, body(), boundary)
}
