import { passBytes } from './pass-bytes.ts'

/**
 * A body that ends only when it is complete. A failure of the runtime becomes one of our errors, and so does a body that is shorter
 * or longer than announced, which not every runtime reports.
 */
export function guardBody(
  body: ReadableStream<Uint8Array>,
  facts: {
    length: number | undefined
    /** Bytes after which the body must have ended, and the error if it has not. */
    most?: { bytes: number; exceeded: () => Error } | undefined
    failed: (error: unknown) => Error
    signal?: AbortSignal | undefined
    /** Milliseconds between two pieces; `false` for no limit. @default 60_000 */
    silence?: number | false | undefined
  },
): ReadableStream<Uint8Array> {
  let received = 0
  return passBytes(body, {
    signal: facts.signal,
    silence: facts.silence ?? 60_000,
    take({ byteLength }) {
      received += byteLength
      if (facts.most !== undefined && received > facts.most.bytes) throw facts.most.exceeded()
      if (facts.length !== undefined && received > facts.length)
        throw new Error(`it has more than the announced ${facts.length} bytes`)
    },
    end() {
      if (facts.length !== undefined && received !== facts.length) {
        throw new Error(`it ended after ${received} of ${facts.length} bytes`)
      }
    },
    failed: (error) => (facts.signal?.aborted ? facts.signal.reason : facts.failed(error)),
  })
}
