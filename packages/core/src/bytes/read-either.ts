import { readerInto } from './reader-into.ts'

export interface EitherReader {
  /** Whether {@link EitherReader.readInto} can be used. */
  isBytes: boolean
  read(): Promise<ReadableStreamReadResult<Uint8Array>>
  /** Transfers the buffer, and gives it back as that of the value. */
  readInto(
    view: Uint8Array<ArrayBuffer>,
  ): Promise<{ done: boolean; value?: Uint8Array<ArrayBuffer> | undefined }>
  /** Unlocks the stream until the next read. */
  release(): void
  cancel(reason: unknown): Promise<void>
}

/** Reads a stream into buffers of the caller or without them, as each read needs it. */
export function readEither(body: ReadableStream<Uint8Array>): EitherReader {
  let into = readerInto(body)
  let plain = into === undefined ? body.getReader() : undefined
  const isBytes = into !== undefined
  return {
    isBytes,
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
    release() {
      into?.releaseLock()
      plain?.releaseLock()
      ;[into, plain] = [undefined, undefined]
    },
    cancel: (reason) => (into ?? plain ?? body).cancel(reason),
  }
}
