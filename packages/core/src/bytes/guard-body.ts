import { readEither } from './read-either.ts'

/**
 * A body that ends only when it is whole: a failure of the runtime becomes one of our errors, and a body shorter than
 * it was announced is an error, which not every runtime sees.
 *
 * A byte stream stays one, so that the reader's own buffer is filled and nothing is left to the garbage collector.
 */
export function guardBody(
  body: ReadableStream<Uint8Array>,
  facts: { length: number | undefined; failed: (error: unknown) => Error; signal?: AbortSignal | undefined },
): ReadableStream<Uint8Array> {
  const source = readEither(body)
  let received = 0
  const guarded = async (controller: Controller, step: () => Promise<void>): Promise<void> => {
    try {
      await step()
    } catch (error) {
      controller.error(facts.signal?.aborted ? facts.signal.reason : facts.failed(error))
    }
  }
  const checkWhole = (): void => {
    if (facts.length !== undefined && received !== facts.length) {
      throw new Error(`it ended after ${received} of ${facts.length} bytes`)
    }
  }
  const pass = async (controller: Controller): Promise<void> => {
    const { done, value } = await source.read()
    if (done) {
      checkWhole()
      controller.close()
    } else {
      received += value.byteLength
      controller.enqueue(value as Uint8Array<ArrayBuffer>)
    }
  }
  const fill = async (request: ReadableStreamBYOBRequest, controller: Controller): Promise<void> => {
    const { view } = request
    if (!view) return
    const { done, value } = await source.readInto(
      new Uint8Array(view.buffer as ArrayBuffer, view.byteOffset, view.byteLength),
    )
    received += value?.byteLength ?? 0
    if (done) {
      checkWhole()
      controller.close()
    }
    // The end, too, is told with the reader's buffer, which comes back with it.
    if (value) request.respondWithNewView(value)
    else request.respond(0)
  }
  const cancel = (reason: unknown): Promise<void> => source.cancel(reason)
  if (!source.isBytes) {
    const pull = (controller: Controller): Promise<void> => guarded(controller, () => pass(controller))
    return new ReadableStream<Uint8Array>({ pull, cancel }, { highWaterMark: 0 })
  }
  return new ReadableStream({
    type: 'bytes',
    pull: (controller) =>
      guarded(controller, () => {
        const request = controller.byobRequest
        return request ? fill(request, controller) : pass(controller)
      }),
    cancel,
  }) as ReadableStream<Uint8Array>
}

interface Controller {
  enqueue(chunk: Uint8Array<ArrayBuffer>): void
  close(): void
  error(error: unknown): void
}
