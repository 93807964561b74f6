import type { PieceSource } from './piece-source.ts'

// Beside the streams, as the marks of transferable bodies are: `Request` and `Response` hand out the same object, but take no other data along.
const offers = new WeakMap<ReadableStream<Uint8Array>, () => PieceSource | undefined>()

/**
 * Offers the bytes of a stream in pieces, past the stream: on Node each step through a web stream costs more than a read of a connection.
 * For transports, and for streams that pass on what they read.
 *
 * @param open gives the pieces, or undefined if the stream has been read from; called once at most
 * @returns the stream
 *
 * @example
 * ```ts
 * const bytes = new Uint8Array(5)
 * const body = offerPieces(new Blob([bytes]).stream(), () => undefined)
 * console.log(body.locked) // false
 * ```
 */
export function offerPieces<Body extends ReadableStream<Uint8Array>>(
  body: Body,
  open: () => PieceSource | undefined,
): Body {
  offers.set(body, open)
  return body
}

/** Takes the pieces that are offered for a stream, which is locked from then on; undefined if there are none. */
export function takePieces(body: ReadableStream<Uint8Array>): PieceSource | undefined {
  if (body.locked) return undefined
  const pieces = offers.get(body)?.()
  offers.delete(body)
  if (pieces !== undefined) body.getReader()
  return pieces
}

/** Whether pieces are offered for a stream. */
export function offersPieces(body: ReadableStream<Uint8Array>): boolean {
  return offers.has(body)
}
