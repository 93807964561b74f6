import { randomUUID } from 'node:crypto'
import { mkdir, open, rename, rm, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { createBatchWriter } from './batch-writer.ts'
import { readFileStream } from './read-file-stream.ts'
import type { DraftBlob, StoredBlob } from './store.ts'
import { syncFolder } from './sync-folder.ts'

/** A blob that is being written: a file in the folder of drafts until it is renamed. */
export async function draftOnDisk(drafts: string, blobs: string): Promise<DraftBlob> {
  await mkdir(drafts, { recursive: true })
  const file = join(drafts, randomUUID())
  const writer = await createBatchWriter(file)
  let finished: StoredBlob | undefined
  const finish = async (): Promise<StoredBlob> => {
    if (finished !== undefined) return finished
    await writer.flush()
    await writer.close()
    const { size } = writer
    const read = (start = 0, end = size) => readFileStream(file, start, end)
    finished = { size, modifiedAt: new Date(), read }
    return finished
  }
  return {
    write: writer.write,
    finish,
    async commit(name) {
      await finish()
      await sync(file)
      await mkdir(blobs, { recursive: true })
      // The daemons show the time at which the file got its name, not the start of the upload.
      const now = new Date()
      await utimes(file, now, now)
      await rename(file, join(blobs, name))
      await syncFolder(blobs)
    },
    async discard() {
      await writer.close()
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
