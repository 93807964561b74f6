import { type FileHandle, open } from 'node:fs/promises'

/** How many bytes are collected before a write: many small writes cost most of an upload's time. */
const batchSize = 1024 * 1024

export interface BatchWriter {
  /** Bytes so far. */
  readonly size: number
  write(chunk: Uint8Array): Promise<void>
  flush(): Promise<void>
  /** Safe to call again. */
  close(): Promise<void>
}

/** Writes a new file in large pieces. */
export async function createBatchWriter(file: string): Promise<BatchWriter> {
  const handle: FileHandle = await open(file, 'wx', 0o600)
  let batch: Uint8Array[] = []
  let batched = 0
  let size = 0
  let closed = false
  const flush = async (): Promise<void> => {
    const bytes = batch.length === 1 && batch[0] !== undefined ? batch[0] : Buffer.concat(batch)
    batch = []
    batched = 0
    for (let at = 0; at < bytes.byteLength; ) at += (await handle.write(bytes, at)).bytesWritten
  }
  return {
    get size() {
      return size
    },
    async write(chunk) {
      batch.push(chunk)
      batched += chunk.byteLength
      size += chunk.byteLength
      if (batched >= batchSize) await flush()
    },
    flush,
    async close() {
      if (closed) return
      closed = true
      await handle.close()
    },
  }
}
