import { limitSilence } from './limit-silence.ts'
import type { PieceSource } from './piece-source.ts'
import type { Watch } from './watch.ts'

/** Passes pieces on and calls back for each, as `passBytes` does for a stream. */
export function watchPieces(source: PieceSource, watch: Watch): PieceSource {
  const { signal, silence } = watch
  let isOver = false
  let failure: { error: unknown } | undefined
  const failed = (): { error: unknown } | undefined => failure
  let interrupt: ((error: unknown) => void) | undefined
  const end = (): void => {
    isOver = true
    signal?.removeEventListener('abort', abort)
  }
  const fail = (error: unknown): unknown => {
    end()
    source.cancel(error).catch(() => undefined)
    failure = { error: watch.failed ? watch.failed(error) : error }
    return failure.error
  }
  const abort = (): void => {
    if (!isOver) {
      const error = fail(signal?.reason)
      interrupt?.(error)
    }
  }
  signal?.addEventListener('abort', abort)
  if (signal?.aborted) abort()
  const next = async (): Promise<ReadableStreamReadResult<Uint8Array>> => {
    const aborted = new Promise<never>((_, reject) => {
      interrupt = reject
    })
    // Not left to the source: an abort ends a read at once, even if no bytes come.
    const read = await Promise.race([limitSilence(source.read(), silence), aborted])
    if (isOver) return { done: true, value: undefined }
    if (read.done) {
      watch.end()
      end()
    } else watch.take(read.value)
    return read
  }
  return {
    refills: source.refills,
    async read() {
      if (failure) throw failure.error
      if (isOver) return { done: true, value: undefined }
      watch.asked?.()
      try {
        return await next()
      } catch (error) {
        // An abort has failed already, with its own reason.
        throw failed() === undefined ? fail(error) : failed()?.error
      } finally {
        interrupt = undefined
      }
    },
    giveBack: (pieces) => source.giveBack(pieces),
    cancel(reason) {
      if (isOver) return source.cancel(reason)
      end()
      watch.cancelled?.()
      return source.cancel(reason)
    },
  }
}
