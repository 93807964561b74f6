import { Buffer } from 'node:buffer'
import { type FileHandle, open } from 'node:fs/promises'
import { fileUnreadable, readFailure } from './disk-failure.ts'
import { type InspectedFile, stateOf } from './inspect-file.ts'
import { openPieces, type PieceReader } from './piece-reader.ts'

const pieceSize = 1024 * 1024

/**
 * The bytes of a file as a stream, each piece shown to `onBytes` before it is handed on.
 *
 * A file that is no longer as it was inspected, or changes while it is read, is an error and never a shorter or mixed
 * content.
 */
export async function openBytes(
  file: InspectedFile,
  action: string,
  onBytes: (bytes: Uint8Array) => void = () => undefined,
): Promise<ReadableStream<Uint8Array>> {
  const pieces = await openInspected(file, action)
  let left = file.size
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const bytes = await pieces.read()
          left -= bytes?.byteLength ?? 0
          // Before the last piece is handed on, or the transfer would be whole before it is known to be wrong.
          if (bytes === undefined || left <= 0) checkState(await pieces.state(), file, action)
          if (bytes === undefined || left < 0) throw changed(file, action)
          onBytes(bytes)
          controller.enqueue(bytes)
          if (left > 0) return
          await pieces.close()
          controller.close()
        } catch (error) {
          await pieces.close().catch(() => undefined)
          controller.error(readFailure(file.path, action, error))
        }
      },
      cancel: () => pieces.close(),
    },
    { highWaterMark: 0 },
  )
}

/** Reads the bytes of a file in order, from one of them on; the piece is valid only during `onBytes`. */
export async function readBytes(
  file: InspectedFile,
  action: string,
  signal: AbortSignal | undefined,
  onBytes: (bytes: Uint8Array) => void,
  from = 0,
): Promise<void> {
  let handle: FileHandle | undefined
  try {
    handle = await open(file.path, 'r')
    checkState(stateOf(await handle.stat({ bigint: true })), file, action)
    await readTwoByTwo(handle, file.size, from, signal, onBytes)
    checkState(stateOf(await handle.stat({ bigint: true })), file, action)
  } catch (error) {
    if (signal?.aborted) throw signal.reason
    throw readFailure(file.path, action, error)
  } finally {
    await handle?.close().catch(() => undefined)
  }
}

/** With two buffers, so that the disk is read while the last piece is worked on. */
async function readTwoByTwo(
  handle: FileHandle,
  size: number,
  from: number,
  signal: AbortSignal | undefined,
  onBytes: (bytes: Uint8Array) => void,
): Promise<void> {
  const length = Math.min(pieceSize, size)
  let [now, then] = [Buffer.allocUnsafeSlow(length), Buffer.allocUnsafeSlow(length)]
  let position = from
  let reading = handle.read(now, 0, length, position)
  for (;;) {
    const { bytesRead } = await reading
    signal?.throwIfAborted()
    if (bytesRead === 0) return
    position += bytesRead
    reading = handle.read(then, 0, length, position)
    // Awaited above, unless `onBytes` throws.
    reading.catch(() => undefined)
    onBytes(now.subarray(0, bytesRead))
    ;[now, then] = [then, now]
  }
}

async function openInspected(file: InspectedFile, action: string): Promise<PieceReader> {
  let pieces: PieceReader | undefined
  try {
    pieces = await openPieces(file.path)
    checkState(await pieces.state(), file, action)
    return pieces
  } catch (error) {
    await pieces?.close().catch(() => undefined)
    throw readFailure(file.path, action, error)
  }
}

function checkState(state: string, file: InspectedFile, action: string): void {
  if (state !== file.state) throw changed(file, action)
}

function changed(file: InspectedFile, action: string): Error {
  return fileUnreadable(
    file.path,
    action,
    'it was changed in the meantime; try again once nobody writes to it',
  )
}
