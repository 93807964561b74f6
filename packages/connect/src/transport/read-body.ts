import type { Buffer } from 'node:buffer'
import type { IncomingMessage } from 'node:http'
import { detach } from './detaching-socket.ts'

// Node hands over decrypted bytes in pieces of 16 KiB. Pieces of one turn of the event loop are joined up to this size:
// a web stream costs more per piece than the copy does.
const enough = 256 * 1024

/**
 * The body of an answer as a stream. It pulls no more than the reader takes, and fails when the connection closes before
 * the whole body is there; a cut body never looks like a short one.
 *
 * @param frugal whether pieces are freed at once when they have been joined; see detaching-socket.ts
 * @param onEnd told once: how the body ended, or that the reader gave it up
 */
export function readBody(
  message: IncomingMessage,
  onEnd: (how: 'complete' | 'broken' | 'cancelled') => void,
  signal: AbortSignal | undefined,
  frugal: boolean,
): ReadableStream<Uint8Array> {
  const declared = declaredLength(message)
  let pieces: Buffer[] = []
  let waiting = 0
  let received = 0
  let scheduled = false
  let ended = false

  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const flush = (): void => {
          scheduled = false
          if (waiting === 0 || ended) return
          const [first] = pieces
          if (frugal || pieces.length > 1 || !first) {
            controller.enqueue(joined(pieces, waiting))
            if (frugal) for (const piece of pieces) detach(piece)
          } else controller.enqueue(first)
          pieces = []
          waiting = 0
          if ((controller.desiredSize ?? 0) <= 0) message.pause()
        }
        const fail = (error: unknown): void => {
          if (ended) return
          ended = true
          signal?.removeEventListener('abort', abort)
          controller.error(error)
          onEnd('broken')
        }
        const abort = (): void => fail(signal?.reason)
        message.on('data', (piece: Buffer) => {
          pieces.push(piece)
          waiting += piece.byteLength
          received += piece.byteLength
          if (waiting >= enough) flush()
          else if (!scheduled) {
            scheduled = true
            setImmediate(flush)
          }
        })
        message.on('error', (error) => fail(error))
        message.on('close', () => fail(cut()))
        message.on('end', () => {
          if (ended) return
          if (!message.complete || (declared !== undefined && received < declared)) return fail(cut())
          flush()
          ended = true
          signal?.removeEventListener('abort', abort)
          controller.close()
          onEnd('complete')
        })
        signal?.addEventListener('abort', abort)
        if (signal?.aborted) abort()
        message.pause()
      },
      pull() {
        message.resume()
      },
      cancel() {
        ended = true
        onEnd('cancelled')
      },
    },
    { highWaterMark: 0 },
  )
}

function joined(pieces: Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length)
  let at = 0
  for (const piece of pieces) {
    whole.set(piece, at)
    at += piece.byteLength
  }
  return whole
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
