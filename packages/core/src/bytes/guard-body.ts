/**
 * A body that ends only when it is whole: a failure of the runtime becomes one of our errors, and a body shorter than
 * it was announced is an error, which not every runtime sees.
 */
export function guardBody(
  body: ReadableStream<Uint8Array>,
  facts: { length: number | undefined; failed: (error: unknown) => Error; signal?: AbortSignal | undefined },
): ReadableStream<Uint8Array> {
  const reader = body.getReader()
  let received = 0
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read()
          if (!done) {
            received += value.byteLength
            controller.enqueue(value)
          } else if (facts.length !== undefined && received !== facts.length) {
            throw new Error(`it ended after ${received} of ${facts.length} bytes`)
          } else {
            controller.close()
          }
        } catch (error) {
          controller.error(facts.signal?.aborted ? facts.signal.reason : facts.failed(error))
        }
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  )
}
