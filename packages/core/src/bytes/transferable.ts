const bodies = new WeakSet<ReadableStream<Uint8Array>>()

/**
 * Says of a body that the buffers of its pieces are its reader's alone, as those are that a runtime makes for what comes
 * over a network. For transports; a body that was cloned, or passed on by other means than ours, is another stream and not
 * marked.
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
 * Whether the reader may transfer the buffers of the pieces, which frees them at once; see {@link markTransferable}.
 *
 * @see {@link markTransferable}
 */
export function isTransferable(body: ReadableStream<Uint8Array>): boolean {
  return bodies.has(body)
}
