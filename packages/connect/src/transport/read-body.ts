import type { Buffer } from 'node:buffer'
import type { IncomingMessage } from 'node:http'
import { detach, offerPieces } from '@hyperkit/core/parts'
import { guardHandler } from './guard-handler.ts'
import { createPieceSink, type PieceSink } from './piece-sink.ts'
import { type Tap, tapOf } from './tap.ts'

// Node delivers decrypted bytes in pieces of 16 KiB. Those of one turn of the event loop are joined up to this size, since a web
// stream costs more per piece than the copy does.
const enough = 256 * 1024

// A body that goes past the parser costs its connection, so a smaller one does not.
const smallestDiverted = 4 * 1024 * 1024

/** How a body ended. */
export type BodyEnd = 'complete' | 'diverted' | 'broken' | 'cancelled'

/**
 * The body of an answer as a stream. It reads no more than its reader takes, and fails if the connection closes before the whole
 * body has arrived, so that a cut body never looks like a short one. It is a byte stream: a reader that brings its own buffer
 * (`getReader({ mode: 'byob' })`) leaves nothing to the garbage collector. It also offers its bytes past the stream, on Node past the parser
 * of HTTP too.
 *
 * @param frugal whether pieces are freed as soon as they have been passed on; see detaching-socket.ts
 * @param onEnd called once with how the body ended; `cancelled` means by its reader, `diverted` that it is complete but the parser does not
 * know that
 */
export function readBody(
  message: IncomingMessage,
  onEnd: (how: BodyEnd) => void,
  signal: AbortSignal | undefined,
  frugal: boolean,
): ReadableStream<Uint8Array> {
  const declared = declaredLength(message)
  const pieces = createPieces(frugal)
  let received = 0
  let scheduled = false
  let over = false
  let isRead = false
  let sink: PieceSink | undefined
  let tap: Tap | undefined
  let finish: (how: BodyEnd) => void = onEnd
  const { socket } = message

  const stream = new ReadableStream({
    type: 'bytes',
    start(controller) {
      finish = (how) => {
        over = true
        signal?.removeEventListener('abort', abort)
        tap?.keep()
        onEnd(how)
      }
      const fail = (error: unknown): void => {
        if (over) return
        controller.error(error)
        sink?.fail(error)
        finish('broken')
      }
      const abort = (): void => fail(signal?.reason)
      const guard = guardHandler(fail)
      const flush = guard((): void => {
        scheduled = false
        if (pieces.length() === 0 || over) return
        const view = controller.byobRequest?.view
        if (view)
          controller.byobRequest?.respond(
            pieces.fill(new Uint8Array(view.buffer, view.byteOffset, view.byteLength)),
          )
        else controller.enqueue(pieces.takeAll())
        message.pause()
      })
      const take = (piece: Buffer): void => {
        received += piece.byteLength
        if (sink !== undefined) {
          sink.take(piece, frugal)
          return
        }
        pieces.add(piece)
        if (pieces.length() >= enough) flush()
        else if (!scheduled) {
          scheduled = true
          setImmediate(flush)
        }
      }
      const end = (): void => {
        if (over) return
        if (!message.complete || (declared !== undefined && received < declared)) {
          fail(cut())
          return
        }
        if (pieces.length() > 0) controller.enqueue(pieces.takeAll())
        controller.close()
        controller.byobRequest?.respond(0)
        sink?.end()
        finish('complete')
      }
      message.on('data', guard(take))
      message.on('error', fail)
      message.on('close', () => fail(cut()))
      message.on('end', guard(end))
      signal?.addEventListener('abort', abort)
      if (signal?.aborted) abort()
      message.pause()
    },
    pull(controller) {
      isRead = true
      const view = controller.byobRequest?.view
      // First the bytes that did not fit into the reader's last buffer.
      if (view && pieces.length() > 0) {
        controller.byobRequest?.respond(
          pieces.fill(new Uint8Array(view.buffer, view.byteOffset, view.byteLength)),
        )
      } else if (pieces.length() > 0) controller.enqueue(pieces.takeAll())
      else message.resume()
    },
    cancel() {
      over = true
      onEnd('cancelled')
    },
  }) as ReadableStream<Uint8Array>

  const openSink = (): PieceSink => {
    const isLarge = declared !== undefined && declared - received >= smallestDiverted
    tap = isLarge ? tapOf(socket) : undefined
    const flowing = (): { pause(): unknown; resume(): unknown } => (tap?.isOpen() ? socket : message)
    const made = createPieceSink(
      {
        pause: () => flowing().pause(),
        resume: () => flowing().resume(),
        cancel: () => finish('cancelled'),
      },
      declared === undefined ? undefined : declared - received,
    )
    tap?.divert({
      mayBegin: () => !message.isPaused() && message.readableLength === 0 && socket.readableLength === 0,
      space: made.space,
      took(count) {
        if (over || declared === undefined) return
        const rest = Math.min(count, declared - received)
        received += rest
        made.took(rest)
        if (received < declared) return
        made.end()
        finish('diverted')
      },
    })
    return made
  }
  return offerPieces(stream, () => {
    if (isRead || over) return undefined
    sink = openSink()
    message.resume()
    return sink.source
  })
}

interface Pieces {
  length(): number
  add(piece: Uint8Array): void
  /** Takes all of them as one. */
  takeAll(): Uint8Array<ArrayBuffer>
  /** Copies as much as fits, and returns how much that was. */
  fill(target: Uint8Array): number
}

function createPieces(frugal: boolean): Pieces {
  let pieces: Uint8Array[] = []
  let waiting = 0
  // The number of bytes that have been taken of the first piece.
  let taken = 0
  const fill = (target: Uint8Array): number => {
    let at = 0
    let whole = 0
    for (const piece of pieces) {
      const part = piece.subarray(taken, taken + target.byteLength - at)
      target.set(part, at)
      at += part.byteLength
      taken += part.byteLength
      if (taken < piece.byteLength) break
      if (frugal) detach(piece)
      taken = 0
      whole++
    }
    pieces = pieces.slice(whole)
    waiting -= at
    return at
  }
  return {
    length: () => waiting,
    add(piece) {
      pieces.push(piece)
      waiting += piece.byteLength
    },
    takeAll() {
      const all = new Uint8Array(waiting)
      fill(all)
      return all
    },
    fill,
  }
}

function declaredLength(message: IncomingMessage): number | undefined {
  const text = message.headers['content-length']
  return text === undefined || message.headers['content-encoding'] !== undefined ? undefined : Number(text)
}

function cut(): Error {
  return Object.assign(new Error('the connection was closed in the middle of the answer'), {
    code: 'ECONNRESET',
  })
}
