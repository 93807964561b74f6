import { Buffer } from 'node:buffer'
import { type FileHandle, open } from 'node:fs/promises'
import { fileUnreadable, readFailure } from './disk-failure.ts'
import { type InspectedFile, stateOf } from './inspect-file.ts'

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
  const handle = await openInspected(file, action)
  let position = 0
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const bytes = Buffer.allocUnsafeSlow(Math.min(pieceSize, file.size - position))
          const count = await fill(handle, bytes, position)
          position += count
          if (count < bytes.byteLength || position === file.size) await checkUnchanged(handle, file, action)
          onBytes(bytes)
          controller.enqueue(bytes)
          if (position === file.size) {
            await handle.close()
            controller.close()
          }
        } catch (error) {
          await handle.close().catch(() => undefined)
          controller.error(readFailure(file.path, action, error))
        }
      },
      cancel: () => handle.close(),
    },
    { highWaterMark: 0 },
  )
}

/** Reads all bytes of a file in order, with one buffer; the piece is valid only during `onBytes`. */
export async function readBytes(
  file: InspectedFile,
  action: string,
  signal: AbortSignal | undefined,
  onBytes: (bytes: Uint8Array) => void,
): Promise<void> {
  const handle = await openInspected(file, action)
  try {
    // Two buffers, so that the disk is read while the last piece is hashed.
    const buffers = [0, 1].map(() => Buffer.allocUnsafeSlow(Math.min(pieceSize, file.size)))
    const read = (at: number): Promise<number> => fill(handle, pick(buffers, at), at)
    let next = read(0)
    for (let position = 0; position < file.size; ) {
      const count = await next
      signal?.throwIfAborted()
      if (count === 0) break
      const bytes = pick(buffers, position).subarray(0, count)
      position += count
      if (position < file.size) {
        next = read(position)
        next.catch(() => undefined)
      }
      onBytes(bytes)
    }
    await checkUnchanged(handle, file, action)
  } catch (error) {
    if (signal?.aborted) throw signal.reason
    throw readFailure(file.path, action, error)
  } finally {
    await handle.close().catch(() => undefined)
  }
}

function pick(buffers: readonly Buffer[], position: number): Buffer {
  return buffers[(position / pieceSize) % 2 === 0 ? 0 : 1] ?? Buffer.alloc(0)
}

async function openInspected(file: InspectedFile, action: string): Promise<FileHandle> {
  let handle: FileHandle | undefined
  try {
    handle = await open(file.path, 'r')
    await checkUnchanged(handle, file, action)
    return handle
  } catch (error) {
    await handle?.close().catch(() => undefined)
    throw readFailure(file.path, action, error)
  }
}

/** Reads until the buffer is full or the file ends. */
async function fill(handle: FileHandle, buffer: Uint8Array, position: number): Promise<number> {
  let filled = 0
  while (filled < buffer.byteLength) {
    const { bytesRead } = await handle.read(buffer, filled, buffer.byteLength - filled, position + filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return filled
}

async function checkUnchanged(handle: FileHandle, file: InspectedFile, action: string): Promise<void> {
  if (stateOf(await handle.stat({ bigint: true })) === file.state) return
  throw fileUnreadable(
    file.path,
    action,
    'it was changed in the meantime; try again once nobody writes to it',
  )
}
