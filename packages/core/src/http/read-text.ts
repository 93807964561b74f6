import { detach } from '../bytes/detach.ts'
import { limitSilence } from '../bytes/limit-silence.ts'
import { readPieces } from '../bytes/read-pieces.ts'
import { isTransferable } from '../bytes/transferable.ts'
import { receiveDocument } from './document-budget.ts'

/** Bytes of the longest document that is read, unless the caller sets another limit. */
export const defaultMaxDocument = 64 * 1024 * 1024

/** A document is longer than the limit, and may have no end. */
export class LongDocumentError extends Error {
  override readonly name = 'LongDocumentError'

  constructor(limit: number) {
    super(`the answer is longer than ${describeLimit(limit)}`)
  }
}

/** Options of {@link readText}. */
export interface ReadTextOptions {
  signal?: AbortSignal | undefined
  /** Milliseconds between two pieces; `false` for no limit. @default 60_000 */
  silence?: number | false | undefined
  /** Bytes of the longest body that is read. @default 67108864 */
  limit?: number | undefined
  /** Whether a longer body is an error, or only its beginning is given. @default 'fail' */
  whenLonger?: 'fail' | 'cut' | undefined
}

/**
 * Reads the body of an answer as text. Long documents of one process are received one after the other, so that many servers which send
 * without end do not add up.
 *
 * It listens to the caller's signal itself. Runtimes hold what passes an abort on to a body weakly, and after a garbage collection, which
 * comes a few seconds into a silent body, no abort arrives: on Node (20.20 to 26.12 were tested) a Request that its own fetch was given
 * with redirect "error", on Deno 2.9.5 a signal of `AbortSignal.any()`.
 *
 * @throws the signal's reason after an abort
 * @throws {LongDocumentError} soon after the limit; the rest is not received
 *
 * @example
 * ```ts
 * console.log(await readText(new Response('{}'), { limit: 1024 })) // {}
 * ```
 */
export async function readText(
  response: Response,
  { signal, silence = 60_000, limit = defaultMaxDocument, whenLonger = 'fail' }: ReadTextOptions = {},
): Promise<string> {
  signal?.throwIfAborted()
  if (response.body === null) return ''
  const isOurs = isTransferable(response.body)
  const source = readPieces(response.body, 65_536)
  // Ends the read that is under way.
  const stop = (): void => void source.cancel(signal?.reason).catch(() => undefined)
  signal?.addEventListener('abort', stop)
  const document = receiveDocument()
  try {
    for (;;) {
      const { done, value } = await limitSilence(source.read(), silence)
      signal?.throwIfAborted()
      if (done) return document.takeText()
      await document.add(value, signal)
      if (isOurs && !source.refills) detach(value)
      else source.giveBack([value])
      if (document.size <= limit) continue
      const error = new LongDocumentError(limit)
      if (whenLonger === 'fail') throw error
      source.cancel(error).catch(() => undefined)
      return document.takeText()
    }
  } catch (error) {
    signal?.throwIfAborted()
    source.cancel(error).catch(() => undefined)
    throw error
  } finally {
    document.release()
    signal?.removeEventListener('abort', stop)
  }
}

function describeLimit(bytes: number): string {
  const mebibytes = bytes / 1024 / 1024
  return Number.isInteger(mebibytes) ? `${mebibytes} MiB` : `${bytes} bytes`
}
