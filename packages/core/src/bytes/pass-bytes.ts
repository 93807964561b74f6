import { limitSilence } from './limit-silence.ts'
import { offerPieces, offersPieces, takePieces } from './offered-pieces.ts'
import { readEither } from './read-either.ts'
import { isTransferable, markTransferable } from './transferable.ts'
import type { Watch } from './watch.ts'
import { watchPieces } from './watch-pieces.ts'

/**
 * Passes a stream on and calls back for each piece, no faster than it is read. A byte stream stays a byte stream, so that it fills
 * the reader's own buffer and leaves nothing to the garbage collector. A transferable body stays transferable, and one that offers pieces
 * offers them.
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
  const { signal, silence } = watch
  // After a cancel or an abort no callback comes: a read that is under way then ends as if the bytes had ended.
  let isCancelled = false
  let isRead = false
  let abort = (): void => undefined
  const start = (controller: Controller): void => {
    if (signal === undefined) return
    // Not left to the source, since runtimes lose an abort while a body is silent; see read-text.ts.
    abort = () => {
      if (isCancelled) return
      isCancelled = true
      source.cancel(signal.reason).catch(() => undefined)
      controller.error(watch.failed ? watch.failed(signal.reason) : signal.reason)
    }
    signal.addEventListener('abort', abort)
    if (signal.aborted) abort()
  }
  const ended = (): void => signal?.removeEventListener('abort', abort)
  const pass = async (controller: Controller): Promise<void> => {
    const { done, value } = await limitSilence(source.read(), silence)
    if (isCancelled) return
    if (done) {
      watch.end()
      ended()
      controller.close()
    } else {
      watch.take(value)
      controller.enqueue(value as Uint8Array<ArrayBuffer>)
    }
  }
  const fill = async (request: ReadableStreamBYOBRequest, controller: Controller): Promise<void> => {
    const { view } = request
    if (!view) return
    const { done, value } = await limitSilence(
      source.readInto(new Uint8Array(view.buffer as ArrayBuffer, view.byteOffset, view.byteLength)),
      silence,
    )
    if (isCancelled) return
    if (done) {
      watch.end()
      ended()
      controller.close()
    } else if (value) watch.take(value)
    // The end, too, gives the reader its buffer back.
    if (value) request.respondWithNewView(value)
    else request.respond(0)
  }
  const guarded = async (controller: Controller, step: Promise<void>): Promise<void> => {
    isRead = true
    try {
      await step
    } catch (error) {
      if (isCancelled) return
      ended()
      source.cancel(error).catch(() => undefined)
      controller.error(watch.failed ? watch.failed(error) : error)
    }
  }
  const cancel = (reason: unknown): Promise<void> => {
    isCancelled = true
    ended()
    watch.cancelled?.()
    return source.cancel(reason)
  }
  if (!source.isBytes) {
    const pull = (controller: Controller): Promise<void> => {
      watch.asked?.()
      return guarded(controller, pass(controller))
    }
    const passed = new ReadableStream<Uint8Array>({ start, pull, cancel }, { highWaterMark: 0 })
    return isTransferable(body) ? markTransferable(passed) : passed
  }
  const passed = new ReadableStream({
    type: 'bytes',
    start,
    pull(controller) {
      watch.asked?.()
      const request = controller.byobRequest
      return guarded(controller, request ? fill(request, controller) : pass(controller))
    },
    cancel,
  }) as ReadableStream<Uint8Array>
  if (!offersPieces(body)) return passed
  return offerPieces(passed, () => {
    if (isRead || isCancelled) return undefined
    source.release()
    const pieces = takePieces(body)
    if (pieces === undefined) return undefined
    ended()
    return watchPieces(pieces, watch)
  })
}

interface Controller {
  enqueue(chunk: Uint8Array<ArrayBuffer>): void
  close(): void
  error(error: unknown): void
}
