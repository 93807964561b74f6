import { createHash, type Hash } from 'node:crypto'
import { MultipartEndError, type ReadPart, readMultipart } from '@hyperkit/core/parts'
import type { DraftBlob, Store, StoredBlob } from '../store/store.ts'
import { discardImage, type IncomingImage } from './incoming-image.ts'

/** Stores a unified image while it arrives. */
export async function receiveUnified(
  store: Store,
  chunks: AsyncIterable<Uint8Array>,
): Promise<IncomingImage> {
  const hash = createHash('sha256')
  const drafts: DraftBlob[] = []
  try {
    const archive = await receivePart(store, chunks, hash, drafts)
    return { fingerprint: hash.digest('hex'), size: archive.size, archive, drafts }
  } catch (error) {
    await discardImage({ drafts })
    throw error
  }
}

/**
 * Stores a split image while it arrives: first `metadata`, then `rootfs` or `rootfs.img`; what follows is ignored.
 *
 * @throws {Error} `Invalid multipart image`, or `EOF`
 */
export async function receiveSplit(
  store: Store,
  chunks: AsyncIterable<Uint8Array>,
  boundary: string,
): Promise<IncomingImage> {
  const hash = createHash('sha256')
  const drafts: DraftBlob[] = []
  const parts = readMultipart(chunks, boundary)
  try {
    const metadata = await nextPart(parts)
    if (metadata.name !== 'metadata') throw new Error('Invalid multipart image')
    const archive = await receivePart(store, metadata.body, hash, drafts)
    const rootfs = await nextPart(parts)
    const { name: part, filename } = rootfs
    if (part !== 'rootfs' && part !== 'rootfs.img') throw new Error('Invalid multipart image')
    const blob = await receivePart(store, rootfs.body, hash, drafts)
    const size = archive.size + blob.size
    return {
      fingerprint: hash.digest('hex'),
      size,
      archive,
      rootfs: { part, blob, filename: baseName(filename) },
      drafts,
    }
  } catch (error) {
    await discardImage({ drafts })
    throw error instanceof MultipartEndError ? unexpectedEnd(error) : error
  } finally {
    await parts.return()
  }
}

async function nextPart(parts: AsyncGenerator<ReadPart, void>): Promise<ReadPart> {
  const { value } = await parts.next()
  if (value === undefined) throw new Error('EOF')
  return value
}

/** In the words of Go. */
function unexpectedEnd(cause: MultipartEndError): Error {
  return new Error(cause.isBeforeFirst ? 'multipart: NextPart: EOF' : 'EOF', { cause })
}

/** Like Go, drops the folder from the name that a part gives. */
function baseName(filename = ''): string {
  return filename.split('/').filter(Boolean).pop() ?? ''
}

async function receivePart(
  store: Store,
  chunks: AsyncIterable<Uint8Array>,
  hash: Hash,
  drafts: DraftBlob[],
): Promise<StoredBlob> {
  const draft = await store.draftBlob()
  drafts.push(draft)
  for await (const chunk of chunks) {
    hash.update(chunk)
    await draft.write(chunk)
  }
  return draft.finish()
}
