/** The chunks of a stream, one after the other. */
export interface Chunks extends AsyncIterable<Uint8Array> {
  /** Reads the next chunk. */
  next(): Promise<IteratorResult<Uint8Array, undefined>>
  /** Cancels the stream, even while a read is under way; leaving a loop over the chunks does so too. */
  return(reason?: unknown): Promise<IteratorResult<Uint8Array, undefined>>
}

/**
 * Reads a stream chunk by chunk. An async generator would not do: its `return` waits for the read that is under way, which
 * never ends if the source hangs.
 *
 * @example
 * ```ts
 * let bytes = 0
 * for await (const chunk of chunksOf(new Blob(['image']).stream())) bytes += chunk.byteLength
 * console.log(bytes) // 5
 * ```
 */
export function chunksOf(body: ReadableStream<Uint8Array>): Chunks {
  const reader = body.getReader()
  let ended = false
  const chunks: Chunks = {
    async next() {
      const { done, value } = await reader.read()
      if (!done) return { done, value }
      ended = true
      return { done, value: undefined }
    },
    async return(reason) {
      if (!ended) await reader.cancel(reason).catch(() => undefined)
      return { done: true, value: undefined }
    },
    [Symbol.asyncIterator]: () => chunks as AsyncIterator<Uint8Array>,
  }
  return chunks
}
