const pieceSize = 128 * 1024

/**
 * The bytes of a stream, in pieces that share two buffers: each is good until the one after the next is asked for.
 * workerd's own pieces are of 4 KiB, and 500 MiB of them leave 250 MiB to the garbage collector.
 */
export async function* readPieces(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  const buffers = [new ArrayBuffer(pieceSize), new ArrayBuffer(pieceSize)]
  const reader = open(body)
  let ended = false
  try {
    for (;;) {
      const { done, value } = await reader.read(new Uint8Array(buffers.shift() ?? new ArrayBuffer(pieceSize)))
      if (done || value === undefined) {
        ended = true
        return
      }
      if (value.buffer.byteLength === pieceSize) buffers.push(value.buffer as ArrayBuffer)
      yield value
    }
  } finally {
    if (!ended) await reader.cancel().catch(() => {})
  }
}

interface PieceReader {
  read(into: Uint8Array<ArrayBuffer>): Promise<{ done: boolean; value?: Uint8Array | undefined }>
  cancel(): Promise<void>
}

/** The parts of a split image come as a stream that fills nobody's buffer. */
function open(body: ReadableStream<Uint8Array>): PieceReader {
  try {
    return body.getReader({ mode: 'byob' })
  } catch {
    return body.getReader()
  }
}
