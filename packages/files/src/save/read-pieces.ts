import { detach, isTransferable } from '@hyperkit/core/parts'
import { freeReceived } from './free-received.ts'

/** Reads a body in pieces that belong to the caller until they are given back. */
export interface PieceSource {
  /** Whether pieces may be only a few KiB long, so that writing each by itself would be slow. */
  hasSmallPieces: boolean
  read(): Promise<ReadableStreamReadResult<Uint8Array>>
  /** Returns pieces that are no longer needed, so that their memory can be filled again, or freed. */
  giveBack(pieces: readonly Uint8Array[]): void
  cancel(reason: unknown): Promise<void>
}

const pieceSize = 128 * 1024

// The garbage collector is run each time that this many bytes were received.
const collectedEvery = 64 * 1024 * 1024

/**
 * Fills the same few buffers again and again from a byte stream. With new buffers for 1 GiB, left to the garbage collector, Deno
 * 2.9.5 grows by 60 MiB. Other streams, all those of Bun among them, provide buffers of their own.
 */
export function readPieces(body: ReadableStream<Uint8Array>): PieceSource {
  const reader = readerInto(body)
  return reader === undefined ? takePieces(body) : fillPieces(reader)
}

function takePieces(body: ReadableStream<Uint8Array>): PieceSource {
  const reader = body.getReader()
  let given = 0
  const collect = (pieces: readonly Uint8Array[]): void => {
    for (const { byteLength } of pieces) given += byteLength
    if (given < collectedEvery) return
    given = 0
    freeReceived()
  }
  return {
    hasSmallPieces: true,
    read: () => reader.read(),
    giveBack: isTransferable(body) ? (pieces) => pieces.forEach(detach) : collect,
    cancel: (reason) => reader.cancel(reason),
  }
}

function fillPieces(reader: ReadableStreamBYOBReader): PieceSource {
  const free: ArrayBuffer[] = []
  return {
    hasSmallPieces: false,
    async read() {
      const { done, value } = await reader.read(new Uint8Array(free.pop() ?? new ArrayBuffer(pieceSize)))
      return done || value === undefined ? { done: true, value: undefined } : { done, value }
    },
    giveBack(pieces) {
      for (const { buffer } of pieces) free.push(buffer as ArrayBuffer)
    },
    cancel: (reason) => reader.cancel(reason),
  }
}

function readerInto(body: ReadableStream<Uint8Array>): ReadableStreamBYOBReader | undefined {
  try {
    return body.getReader({ mode: 'byob' })
  } catch {
    // It is not a byte stream.
    return undefined
  }
}
