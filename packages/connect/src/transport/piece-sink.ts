import { detach, type PieceSource } from '@hyperkit/core/parts'

// As many bytes as one write to a file or a connection should take, and as many pieces of that size as may be filled while nobody reads.
const pieceSize = 512 * 1024
const mostPieces = 4

// The first piece of a body of unknown length, since most of those are short documents.
const firstSize = 64 * 1024

// A piece that does not fill up is passed on after this many milliseconds, or a slow server would look like a silent one.
const mostDelay = 50

/** Gathers the bytes of a body in a few large buffers, which its reader gives back. */
export interface PieceSink {
  source: PieceSource
  /** Room for the next bytes: at least one. */
  space(): Uint8Array
  /** Says that the next bytes were written into {@link PieceSink.space}. */
  took(count: number): void
  /** Copies bytes. */
  take(bytes: Uint8Array, frees: boolean): void
  end(): void
  fail(error: unknown): void
}

/**
 * Makes a sink. It can always take more; if it holds much, it asks its source to pause. It never does so while a reader waits, since that may
 * keep all its pieces until it has more.
 *
 * @param expected bytes of the body, if that is known
 * @param controls.cancel called if the reader cancels
 */
export function createPieceSink(
  controls: { pause(): void; resume(): void; cancel(): void },
  expected?: number,
): PieceSink {
  const free: ArrayBuffer[] = []
  const ready: Uint8Array[] = []
  let filling: Uint8Array | undefined
  // The part of it that is filled and not yet passed on.
  let [passed, filled] = [0, 0]
  // The pieces of full size that are filled, ready, or at the reader. Smaller ones are few or short, and are not refilled.
  let held = 0
  let nextSize = Math.max(1, Math.min(expected ?? firstSize, pieceSize))
  let isPaused = false
  let outcome: { error?: unknown } | undefined
  let reader:
    | { resolve(result: ReadableStreamReadResult<Uint8Array>): void; reject(error: unknown): void }
    | undefined
  let timer: ReturnType<typeof setTimeout> | undefined

  const answer = (): void => {
    if (reader === undefined) return
    const waiting = reader
    const piece = ready.shift()
    if (piece === undefined && outcome === undefined) {
      if (filled > passed) timer ??= setTimeout(passOn, mostDelay)
      balance()
      return
    }
    reader = undefined
    clearTimeout(timer)
    timer = undefined
    if (piece !== undefined) waiting.resolve({ done: false, value: piece })
    else if (outcome !== undefined && 'error' in outcome) waiting.reject(outcome.error)
    else waiting.resolve({ done: true, value: undefined })
  }
  const newPiece = (): Uint8Array => {
    const piece = new Uint8Array(free.pop() ?? new ArrayBuffer(nextSize))
    nextSize = pieceSize
    if (isFullSize(piece)) held += 1
    return piece
  }
  const close = (): void => {
    if (filling !== undefined && filled > passed) ready.push(filling.subarray(passed, filled))
    else if (filling !== undefined && isFullSize(filling)) held -= 1
    filling = undefined
    ;[passed, filled] = [0, 0]
  }
  // A copy, since the rest of the buffer may be lent to whatever reads the connection.
  const passOn = (): void => {
    timer = undefined
    if (filling !== undefined && filled > passed) {
      ready.push(filling.slice(passed, filled))
      passed = filled
    }
    answer()
  }
  const finish = (how: { error?: unknown }): void => {
    outcome ??= how
    close()
    answer()
  }
  const balance = (): void => {
    const shouldPause = held >= mostPieces && filling === undefined && reader === undefined
    if (shouldPause === isPaused) return
    isPaused = shouldPause
    if (isPaused) controls.pause()
    else controls.resume()
  }
  const space = (): Uint8Array => {
    filling ??= newPiece()
    return filling.subarray(filled)
  }
  const took = (count: number): void => {
    filled += count
    const isFull = filled === filling?.byteLength
    if (isFull) close()
    answer()
    if (isFull) balance()
  }
  return {
    space,
    took,
    take(bytes, frees) {
      for (let from = 0; from < bytes.byteLength; ) {
        const room = space()
        const part =
          from === 0 && bytes.byteLength <= room.byteLength
            ? bytes
            : bytes.subarray(from, from + room.byteLength)
        room.set(part)
        from += part.byteLength
        took(part.byteLength)
      }
      if (frees) detach(bytes)
    },
    end: () => finish({}),
    fail: (error) => finish({ error }),
    source: {
      refills: true,
      read: () =>
        new Promise((resolve, reject) => {
          reader = { resolve, reject }
          answer()
        }),
      giveBack(pieces) {
        for (const piece of pieces) {
          if (isFullSize(piece)) {
            free.push(piece.buffer as ArrayBuffer)
            held -= 1
          } else detach(piece)
        }
        balance()
      },
      async cancel() {
        ready.length = 0
        filling = undefined
        if (outcome !== undefined) return
        finish({})
        controls.cancel()
      },
    },
  }
}

function isFullSize({ buffer }: Uint8Array): boolean {
  return buffer.byteLength === pieceSize
}
