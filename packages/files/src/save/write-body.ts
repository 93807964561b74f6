import type { FileHandle } from 'node:fs/promises'
import { writeFailure } from '../disk/disk-failure.ts'
import type { PartFile } from './part-file.ts'
import { readPieces } from './read-pieces.ts'
import type { RunningHash } from './running-hash.ts'

// Pieces come as the runtime likes, 16 KiB on some; one write takes as many as make this, or this many.
const gathered = 512 * 1024
const mostPieces = 8

// So often the disk is told to begin with what it has. Left to the end, that alone took half a second for 1 GiB.
const syncedEvery = 16 * 1024 * 1024

export interface Written {
  /** Bytes of the file, all of them hashed. */
  position: number
  hash: RunningHash
}

/**
 * Appends a body to a part. When the body breaks off, what is counted in `written` is in the file and in the hash, so that
 * the transfer can be continued.
 */
export async function writeBody(
  body: ReadableStream<Uint8Array>,
  part: PartFile,
  written: Written,
  onBytes: (count: number) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  const reader = readPieces(body)
  let pieces: Uint8Array[] = []
  let waiting = 0
  let writing: Promise<void> = Promise.resolve()
  let failure: { error: unknown } | undefined
  const fail = (error: unknown): void => {
    failure ??= { error: writeFailure(part.restPath, error, '; what has arrived is kept there') }
  }
  const sync = syncBeside(part.handle, fail)

  const flush = async (): Promise<void> => {
    // One write at a time, and hashing beside it.
    await writing
    if (failure || waiting === 0) return
    const [batch, count] = [pieces, waiting]
    pieces = []
    waiting = 0
    const end = written.position + count
    writing = writeAll(part.handle, batch, written.position, reader.hasSmallPieces)
      .then(() => {
        written.hash.stored(end)
        reader.giveBack(batch)
      })
      .catch(fail)
    written.hash.take(batch)
    written.position = end
    sync.count(count)
    onBytes(count)
  }

  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done || failure) break
      signal?.throwIfAborted()
      pieces.push(value)
      waiting += value.byteLength
      if (waiting >= gathered || pieces.length >= mostPieces) await flush()
    }
    await flush()
  } catch (error) {
    await flush()
    failure ??= { error }
  }
  await writing
  await sync.idle()
  if (failure) {
    await reader.cancel(failure.error).catch(() => undefined)
    throw failure.error
  }
}

async function writeAll(
  handle: FileHandle,
  batch: readonly Uint8Array[],
  position: number,
  inOne: boolean,
): Promise<void> {
  // Not where it can be avoided: Deno 2.9.5 copies all pieces into a new one for this, which makes it grow by 50 MiB.
  let skip = inOne ? (await handle.writev(batch, position)).bytesWritten : 0
  let at = position + skip
  // A write may take less than all, on a disk that is nearly full for one; the next one says why.
  for (const piece of batch) {
    const from = Math.min(skip, piece.byteLength)
    skip -= from
    for (let next = from; next < piece.byteLength; ) {
      const { bytesWritten: count } = await handle.write(piece, next, piece.byteLength - next, at)
      next += count
      at += count
    }
  }
}

/** Has the disk store what was written while more arrives. */
function syncBeside(
  handle: FileHandle,
  onFailure: (error: unknown) => void,
): { count(bytes: number): void; idle(): Promise<void> } {
  let waiting = 0
  let syncing: Promise<void> | undefined
  return {
    count(bytes) {
      waiting += bytes
      if (waiting < syncedEvery || syncing) return
      waiting = 0
      // The system tells of bytes that it could not store once, and to whoever asks first.
      syncing = handle
        .datasync()
        .catch(onFailure)
        .finally(() => {
          syncing = undefined
        })
    },
    idle: () => syncing ?? Promise.resolve(),
  }
}
