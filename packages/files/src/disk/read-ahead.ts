import type { PieceSource } from '@hyperkit/core/parts'

const pieceSize = 512 * 1024

/**
 * Reads a file into the same few buffers again and again, one piece ahead of its reader.
 *
 * @param file.check takes each piece, undefined at the end of the file, and returns whether it is the last one
 * @param file.failed gives the error that the reader gets for a failure
 */
export function readAhead(file: {
  readInto(target: Uint8Array): Promise<number>
  check(bytes: Uint8Array | undefined): Promise<boolean>
  close(): Promise<void>
  failed(error: unknown): unknown
}): PieceSource {
  const free: ArrayBuffer[] = []
  let ahead: Promise<Uint8Array | undefined> | undefined
  let isOver = false
  const begin = async (): Promise<Uint8Array | undefined> => {
    const target = new Uint8Array(free.pop() ?? new ArrayBuffer(pieceSize))
    const count = await file.readInto(target)
    return count === 0 ? undefined : target.subarray(0, count)
  }
  /** Waits for a read that is under way, since a file must not be closed before its end. */
  const end = async (): Promise<void> => {
    isOver = true
    await ahead?.catch(() => undefined)
    await file.close()
  }
  return {
    refills: true,
    async read() {
      if (isOver) return { done: true, value: undefined }
      try {
        const bytes = await (ahead ?? begin())
        ahead = undefined
        const isLast = await file.check(bytes)
        if (isLast || bytes === undefined) await end()
        else if (!isOver) {
          ahead = begin()
          // It is awaited by the next read, if there is one.
          ahead.catch(() => undefined)
        }
        return bytes === undefined ? { done: true, value: undefined } : { done: false, value: bytes }
      } catch (error) {
        await end().catch(() => undefined)
        throw file.failed(error)
      }
    },
    giveBack(pieces) {
      for (const { buffer } of pieces) free.push(buffer as ArrayBuffer)
    },
    async cancel() {
      if (!isOver) await end()
    },
  }
}
