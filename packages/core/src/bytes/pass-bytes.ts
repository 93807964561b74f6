import { readEither } from './read-either.ts'
import { isTransferable, markTransferable } from './transferable.ts'

/** Who is told of bytes that pass by; see {@link passBytes}. */
export interface Watch {
  /** Shown each piece before it is passed on, and not after; what it throws ends both streams. */
  take(piece: Uint8Array): void
  /** Told of the end before it is passed on. */
  end(): void
  /** Told that the reader has given up. */
  cancelled?(): void
  /** What the reader is to see of a failure; the failure itself where this is missing. */
  failed?(error: unknown): unknown
}

/**
 * The same bytes, watched, and no faster than they are read. A byte stream stays one, so that the reader's own buffer is
 * filled and nothing is left to the garbage collector; one whose pieces may be transferred stays one, too.
 *
 * @example
 * ```ts
 * const body = new Blob(['image']).stream()
 * let bytes = 0
 * const watched = passBytes(body, {
 *   take: (piece) => {
 *     bytes += piece.byteLength
 *   },
 *   end: () => {},
 * })
 * console.log(await new Response(watched).text(), bytes)
 * ```
 */
export function passBytes(body: ReadableStream<Uint8Array>, watch: Watch): ReadableStream<Uint8Array> {
  const source = readEither(body)
  // Whoever gives up while a read is under way is told nothing more: the read then ends as if the bytes had.
  let isCancelled = false
  const pass = async (controller: Controller): Promise<void> => {
    const { done, value } = await source.read()
    if (isCancelled) return
    if (done) {
      watch.end()
      controller.close()
    } else {
      watch.take(value)
      controller.enqueue(value as Uint8Array<ArrayBuffer>)
    }
  }
  const fill = async (request: ReadableStreamBYOBRequest, controller: Controller): Promise<void> => {
    const { view } = request
    if (!view) return
    const { done, value } = await source.readInto(
      new Uint8Array(view.buffer as ArrayBuffer, view.byteOffset, view.byteLength),
    )
    if (isCancelled) return
    if (done) {
      watch.end()
      controller.close()
    } else if (value) watch.take(value)
    // The end, too, is told with the reader's buffer, which comes back with it.
    if (value) request.respondWithNewView(value)
    else request.respond(0)
  }
  const guarded = async (controller: Controller, step: Promise<void>): Promise<void> => {
    try {
      await step
    } catch (error) {
      if (isCancelled) return
      source.cancel(error).catch(() => undefined)
      controller.error(watch.failed ? watch.failed(error) : error)
    }
  }
  const cancel = (reason: unknown): Promise<void> => {
    isCancelled = true
    watch.cancelled?.()
    return source.cancel(reason)
  }
  if (!source.isBytes) {
    const pull = (controller: Controller): Promise<void> => guarded(controller, pass(controller))
    const passed = new ReadableStream<Uint8Array>({ pull, cancel }, { highWaterMark: 0 })
    return isTransferable(body) ? markTransferable(passed) : passed
  }
  return new ReadableStream({
    type: 'bytes',
    pull(controller) {
      const request = controller.byobRequest
      return guarded(controller, request ? fill(request, controller) : pass(controller))
    },
    cancel,
  }) as ReadableStream<Uint8Array>
}

interface Controller {
  enqueue(chunk: Uint8Array<ArrayBuffer>): void
  close(): void
  error(error: unknown): void
}
