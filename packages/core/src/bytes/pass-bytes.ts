import { limitSilence } from './limit-silence.ts'
import { readEither } from './read-either.ts'
import { isTransferable, markTransferable } from './transferable.ts'

/** Callbacks for the bytes of a stream; see {@link passBytes}. */
export interface Watch {
  /** Called when the reader wants the next piece. */
  asked?(): void
  /** Called with each piece before it is passed on, and not to be used after; what it throws ends both streams. */
  take(piece: Uint8Array): void
  /** Called at the end, before that is passed on. */
  end(): void
  /** Called if the reader cancels. */
  cancelled?(): void
  /** Gives the error that the reader gets for a failure. @default the failure itself */
  failed?(error: unknown): unknown
  /** Ends both streams at once when it is aborted, even if no bytes come; its reason is then the failure. */
  signal?: AbortSignal | undefined
  /** Milliseconds to wait for the next piece; `false` for no limit. @default false */
  silence?: number | false | undefined
}

/**
 * Passes a stream on and calls back for each piece, no faster than it is read. A byte stream stays a byte stream, so that it fills
 * the reader's own buffer and leaves nothing to the garbage collector. A transferable body stays transferable.
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
  return new ReadableStream({
    type: 'bytes',
    start,
    pull(controller) {
      watch.asked?.()
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
