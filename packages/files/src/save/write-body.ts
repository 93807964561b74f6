import type { Hash } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import { writeFailure } from '../disk/disk-failure.ts'
import type { PartFile } from './part-file.ts'

// Pieces come as the runtime likes, 16 KiB on some; one write takes as many as make this.
const gathered = 1024 * 1024

export interface Written {
  /** Bytes in the file, all of them hashed. */
  position: number
  hash: Hash
}

/**
 * Appends a body to a part. What is counted in `written` is in the file and in the hash, also when it throws, so that a
 * broken transfer can be continued.
 */
export async function writeBody(
  body: ReadableStream<Uint8Array>,
  part: PartFile,
  written: Written,
  onBytes: (count: number) => void,
): Promise<void> {
  const reader = body.getReader()
  let pieces: Uint8Array[] = []
  let waiting = 0
  let writing: Promise<void> = Promise.resolve()
  let failure: { error: unknown } | undefined

  const flush = async (): Promise<void> => {
    // One write at a time, and hashing beside it.
    await writing
    if (failure || waiting === 0) return
    const [batch, count] = [pieces, waiting]
    pieces = []
    waiting = 0
    writing = writeAll(part.handle, batch, written.position).catch((error: unknown) => {
      failure ??= { error: writeFailure(part.restPath, error, '; what has arrived is kept there') }
    })
    for (const piece of batch) written.hash.update(piece)
    written.position += count
    onBytes(count)
  }

  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done || failure) break
      pieces.push(value)
      waiting += value.byteLength
      if (waiting >= gathered) await flush()
    }
  } catch (error) {
    await flush()
    await writing
    throw failure === undefined ? error : failure.error
  }
  await flush()
  await writing
  if (failure) {
    await reader.cancel(failure.error).catch(() => undefined)
    throw failure.error
  }
}

async function writeAll(handle: FileHandle, batch: readonly Uint8Array[], position: number): Promise<void> {
  let at = position
  for (const piece of batch) {
    for (let from = 0; from < piece.byteLength; ) {
      const { bytesWritten } = await handle.write(piece, from, piece.byteLength - from, at)
      from += bytesWritten
      at += bytesWritten
    }
  }
}
