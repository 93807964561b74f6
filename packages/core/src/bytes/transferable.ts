// The mark has to travel with the stream through `Request` and `Response`, which hand out the same object but take no other data
// along. A property would change what the runtime's own streams look like to others, so the marks are kept beside them.
const bodies = new WeakSet<ReadableStream<Uint8Array>>()

/**
 * Marks a body as transferable: the buffers of its pieces belong to its reader alone, like those that a runtime makes for data
 * from a network. For transports. A clone of the body, or a stream piped from it, is another stream and not marked.
 *
 * @returns the body
 *
 * @example
 * ```ts
 * const body = markTransferable(new Blob(['image']).stream())
 * console.log(isTransferable(body)) // true
 * ```
 */
export function markTransferable<Body extends ReadableStream<Uint8Array>>(body: Body): Body {
  bodies.add(body)
  return body
}

/**
 * Whether the reader may transfer the buffers of the pieces, which frees their memory at once.
 *
 * @see {@link markTransferable}
 */
export function isTransferable(body: ReadableStream<Uint8Array>): boolean {
  return bodies.has(body)
}
