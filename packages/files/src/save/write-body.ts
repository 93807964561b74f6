import type { FileHandle } from 'node:fs/promises'
import { writeFailure } from '../disk/disk-failure.ts'
import type { PartFile } from './part-file.ts'
import { readPieces } from './read-pieces.ts'
import type { RunningHash } from './running-hash.ts'

// The runtime decides how large pieces are, 16 KiB on some. One write takes pieces up to this many bytes, or up to this number.
const gathered = 512 * 1024
const mostPieces = 8

// After this many bytes the system is asked to store what it has. Done at the end only, that took half a second for 1 GiB.
const syncedEvery = 16 * 1024 * 1024

export interface Written {
  /** Bytes of the file, all of them hashed. */
  position: number
  hash: RunningHash
}

/**
 * Appends a body to a part. If the body breaks off, the bytes that `written` counts are in the file and in the hash, so that the
 * transfer can be continued.
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
    // There is one write at a time, and hashing runs alongside.
    await writing
    if (failure || waiting === 0) return
    const [batch, count] = [pieces, waiting]
    pieces = []
    waiting = 0
    const end = written.position + count
    writing = writeAll(part.handle, batch, written.position, !reader.refills)
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
  // `writev` is used only if it is necessary, since Deno 2.9.5 copies all pieces into a new one for it and grows by 50 MiB.
  let skip = inOne ? (await handle.writev(batch, position)).bytesWritten : 0
  let at = position + skip
  // A write may take fewer bytes than all, for example on a disk that is nearly full; the next one reports why.
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

/** Makes the system store written bytes on the disk while more arrive. */
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
      // The system reports bytes that it could not store only once, to the first call that asks.
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
