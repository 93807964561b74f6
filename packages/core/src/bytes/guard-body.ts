import { passBytes } from './pass-bytes.ts'

/**
 * A body that ends only when it is complete. A failure of the runtime becomes one of our errors, and so does a body that is shorter
 * than announced, which not every runtime reports.
 */
export function guardBody(
  body: ReadableStream<Uint8Array>,
  facts: {
    length: number | undefined
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
    },
    end() {
      if (facts.length !== undefined && received !== facts.length) {
        throw new Error(`it ended after ${received} of ${facts.length} bytes`)
      }
    },
    failed: (error) => (facts.signal?.aborted ? facts.signal.reason : facts.failed(error)),
  })
}
