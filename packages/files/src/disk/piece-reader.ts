import { Buffer } from 'node:buffer'
import { open, stat } from 'node:fs/promises'
import { freeReceived } from './free-received.ts'
import { stateOf } from './inspect-file.ts'

/** Reads one file from its beginning, in pieces that the caller may keep. */
export interface PieceReader {
  /** Reads the next piece; undefined at the end of the file. */
  read(): Promise<Uint8Array | undefined>
  /** Reads into a buffer of the caller, and returns the number of bytes; absent if the runtime provides the buffers. */
  readInto?(target: Uint8Array): Promise<number>
  /** See {@link stateOf}. */
  state(): Promise<string>
  close(): Promise<void>
}

const pieceSize = 1024 * 1024

// Bun leaves what was sent to its garbage collector too, which is run each time that this many bytes were read.
const collectedEvery = 64 * 1024 * 1024

interface BunFiles {
  file(path: string): { stream(): ReadableStream<Uint8Array> }
}

/**
 * Opens a file. Bun's own API is faster on Bun than node:fs is: 1 GiB was sent in 1.5 s instead of 2.2. Only its stream is used, since
 * the bytes of a file that is passed to Bun's fetch as a whole could not be counted.
 */
export async function openPieces(path: string): Promise<PieceReader> {
  const bun = (globalThis as { Bun?: BunFiles }).Bun
  return bun === undefined ? openHandle(path) : openBunFile(bun, path)
}

async function openHandle(path: string): Promise<PieceReader> {
  const handle = await open(path, 'r')
  let position = 0
  const readInto = async (target: Uint8Array): Promise<number> => {
    const { bytesRead } = await handle.read(target, 0, target.byteLength, position)
    position += bytesRead
    return bytesRead
  }
  return {
    async read() {
      const bytes = Buffer.allocUnsafeSlow(pieceSize)
      const count = await readInto(bytes)
      return count === 0 ? undefined : bytes.subarray(0, count)
    },
    readInto,
    state: async () => stateOf(await handle.stat({ bigint: true })),
    close: () => handle.close(),
  }
}

async function openBunFile(bun: BunFiles, path: string): Promise<PieceReader> {
  // Bun's stream would report only at the first read that the file cannot be opened.
  await (await open(path, 'r')).close()
  const reader = bun.file(path).stream().getReader()
  let read = 0
  return {
    async read() {
      const { value } = await reader.read()
      read += value?.byteLength ?? 0
      if (read >= collectedEvery) {
        read = 0
        freeReceived()
      }
      return value
    },
    state: async () => stateOf(await stat(path, { bigint: true })),
    close: () => reader.cancel().catch(() => undefined),
  }
}
