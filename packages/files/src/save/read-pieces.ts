import { detach, isTransferable, type PieceSource, readPieces as readBytes } from '@hyperkit/core/parts'
import { freeReceived } from '../disk/free-received.ts'

const pieceSize = 128 * 1024

// The garbage collector is run each time that this many bytes were received.
const collectedEvery = 64 * 1024 * 1024

/** Reads a body in pieces, and frees the memory of those that bring buffers of their own, as all on Bun do. */
export function readPieces(body: ReadableStream<Uint8Array>): PieceSource {
  const source = readBytes(body, pieceSize)
  if (source.refills) return source
  let given = 0
  const collect = (pieces: readonly Uint8Array[]): void => {
    for (const { byteLength } of pieces) given += byteLength
    if (given < collectedEvery) return
    given = 0
    freeReceived()
  }
  return { ...source, giveBack: isTransferable(body) ? (pieces) => pieces.forEach(detach) : collect }
}
