/** A reader that fills the caller's buffers; undefined if the stream is not a byte stream, as no body of Bun's is. */
export function readerInto(body: ReadableStream<Uint8Array>): ReadableStreamBYOBReader | undefined {
  try {
    return body.getReader({ mode: 'byob' })
  } catch {
    return undefined
  }
}
