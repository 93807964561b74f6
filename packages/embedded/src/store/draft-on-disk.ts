import { randomUUID } from 'node:crypto'
import { mkdir, open, rename, rm, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { readFileStream } from './read-file-stream.ts'
import type { DraftBlob, StoredBlob } from './store.ts'
import { syncFolder } from './sync-folder.ts'

/** Gathered before a write: many small ones cost most of an upload's time. */
const batchSize = 1024 * 1024

/** A blob on its way in: a file among the drafts until it is renamed to its name. */
export async function draftOnDisk(drafts: string, blobs: string): Promise<DraftBlob> {
  await mkdir(drafts, { recursive: true })
  const file = join(drafts, randomUUID())
  const handle = await open(file, 'wx', 0o600)
  let batch: Uint8Array[] = []
  let batched = 0
  let size = 0
  let closed = false
  let finished: StoredBlob | undefined
  const flush = async (): Promise<void> => {
    const bytes = batch.length === 1 && batch[0] !== undefined ? batch[0] : Buffer.concat(batch)
    batch = []
    batched = 0
    for (let at = 0; at < bytes.byteLength; ) at += (await handle.write(bytes, at)).bytesWritten
  }
  const close = async (): Promise<void> => {
    if (closed) return
    closed = true
    await handle.close()
  }
  const finish = async (): Promise<StoredBlob> => {
    if (finished !== undefined) return finished
    await flush()
    await close()
    finished = {
      size,
      modifiedAt: new Date(),
      read: (start = 0, end = size) => readFileStream(file, start, end),
    }
    return finished
  }
  return {
    async write(chunk) {
      batch.push(chunk)
      batched += chunk.byteLength
      size += chunk.byteLength
      if (batched >= batchSize) await flush()
    },
    finish,
    async commit(name) {
      await finish()
      await sync(file)
      await mkdir(blobs, { recursive: true })
      // The daemons show when the file got its name, not when the upload began.
      const now = new Date()
      await utimes(file, now, now)
      await rename(file, join(blobs, name))
      await syncFolder(blobs)
    },
    async discard() {
      await close()
      await rm(file, { force: true })
    },
  }
}

async function sync(file: string): Promise<void> {
  const handle = await open(file, 'r+')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
