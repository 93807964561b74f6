import { Buffer } from 'node:buffer'
import { type FileHandle, open } from 'node:fs/promises'
import { offerPieces } from '@hyperkit/core/parts'
import { fileUnreadable, readFailure } from './disk-failure.ts'
import { type InspectedFile, stateOf } from './inspect-file.ts'
import { openPieces, type PieceReader } from './piece-reader.ts'
import { readAhead } from './read-ahead.ts'

const pieceSize = 1024 * 1024

/**
 * Opens the bytes of a file as a stream. `onBytes` is called with each piece before it is passed on.
 *
 * On Node and Deno it also offers its bytes past the stream, and then reads ahead.
 *
 * If the file has changed since it was inspected, or changes while it is read, the stream fails. It never ends early or mixes two
 * contents.
 */
export async function openBytes(
  file: InspectedFile,
  action: string,
  onBytes: (bytes: Uint8Array) => void = () => undefined,
): Promise<ReadableStream<Uint8Array>> {
  const pieces = await openInspected(file, action)
  const check = checkPieces(pieces, file, action, onBytes)
  const guarded = async (controller: Controller, step: Promise<boolean>): Promise<void> => {
    try {
      if (!(await step)) return
      await pieces.close()
      controller.close()
      controller.byobRequest?.respond(0)
    } catch (error) {
      await pieces.close().catch(() => undefined)
      controller.error(readFailure(file.path, action, error))
    }
  }
  const pass = async (controller: Controller): Promise<boolean> => {
    const bytes = await pieces.read()
    const isLast = await check(bytes)
    controller.enqueue(bytes as Uint8Array<ArrayBuffer>)
    return isLast
  }
  const cancel = (): Promise<void> => pieces.close()
  const { readInto } = pieces
  if (readInto === undefined) {
    const pull = (controller: Controller): Promise<void> => guarded(controller, pass(controller))
    return new ReadableStream<Uint8Array>({ pull, cancel }, { highWaterMark: 0 })
  }
  const fill = async (request: ReadableStreamBYOBRequest): Promise<boolean> => {
    const { view } = request
    if (!view) return false
    const target = new Uint8Array(view.buffer as ArrayBuffer, view.byteOffset, view.byteLength)
    const count = await readInto(target)
    const isLast = await check(count === 0 ? undefined : target.subarray(0, count))
    request.respond(count)
    return isLast
  }
  let isRead = false
  const stream = new ReadableStream({
    type: 'bytes',
    pull(controller) {
      isRead = true
      const request = controller.byobRequest
      return guarded(controller, request ? fill(request) : pass(controller))
    },
    cancel,
  }) as ReadableStream<Uint8Array>
  return offerPieces(stream, () =>
    isRead
      ? undefined
      : readAhead({
          readInto,
          check,
          close: cancel,
          failed: (error) => readFailure(file.path, action, error),
        }),
  )
}

/** @returns a function that takes each piece before it is passed on, and returns whether it is the last one */
function checkPieces(
  pieces: PieceReader,
  file: InspectedFile,
  action: string,
  onBytes: (bytes: Uint8Array) => void,
): (bytes: Uint8Array | undefined) => Promise<boolean> {
  let left = file.size
  return async (bytes) => {
    left -= bytes?.byteLength ?? 0
    // Checked before the last piece is passed on, or the transfer would be complete before the fault is known.
    if (bytes === undefined || left <= 0) checkState(await pieces.state(), file, action)
    if (bytes === undefined || left < 0) throw changed(file, action)
    onBytes(bytes)
    return left === 0
  }
}

interface Controller {
  byobRequest?: ReadableStreamBYOBRequest | null
  enqueue(chunk: Uint8Array<ArrayBuffer>): void
  close(): void
  error(error: unknown): void
}

/** Reads the bytes of a file in order, beginning at `from`. A piece is valid only during `onBytes`. */
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

/** Reads with two buffers, so that the disk is read while the last piece is processed. */
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
    // It is awaited above, unless `onBytes` throws.
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
    'it was changed in the meantime; try again when no program writes to it',
  )
}
