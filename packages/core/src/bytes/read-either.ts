export interface EitherReader {
  /** Whether {@link EitherReader.readInto} can be used. */
  isBytes: boolean
  read(): Promise<ReadableStreamReadResult<Uint8Array>>
  /** Takes the buffer; it comes back as that of the value. */
  readInto(
    view: Uint8Array<ArrayBuffer>,
  ): Promise<{ done: boolean; value?: Uint8Array<ArrayBuffer> | undefined }>
  cancel(reason: unknown): Promise<void>
}

/** Reads a stream with and without buffers of one's own, each time as it is needed. */
export function readEither(body: ReadableStream<Uint8Array>): EitherReader {
  let into = readerInto(body)
  let plain = into === undefined ? body.getReader() : undefined
  return {
    isBytes: into !== undefined,
    read() {
      into?.releaseLock()
      into = undefined
      plain ??= body.getReader()
      return plain.read()
    },
    readInto(view) {
      plain?.releaseLock()
      plain = undefined
      into ??= body.getReader({ mode: 'byob' })
      return into.read(view)
    },
    cancel: (reason) => (into ?? plain ?? body).cancel(reason),
  }
}

function readerInto(body: ReadableStream<Uint8Array>): ReadableStreamBYOBReader | undefined {
  try {
    return body.getReader({ mode: 'byob' })
  } catch {
    // No byte stream: Bun's bodies are none.
    return undefined
  }
}
