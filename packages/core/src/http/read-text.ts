import { limitSilence } from '../bytes/limit-silence.ts'

/**
 * Reads the body of an answer as text.
 *
 * It listens to the caller's signal itself. Runtimes hold what passes an abort on to a body weakly, and after a garbage collection, which
 * comes a few seconds into a silent body, no abort arrives: on Node (20.20 to 26.12 were tested) a Request that its own fetch was given
 * with redirect "error", on Deno 2.9.5 a signal of `AbortSignal.any()`.
 *
 * @param silence milliseconds between two pieces; `false` for no limit
 * @throws the signal's reason after an abort
 */
export async function readText(
  response: Response,
  { signal, silence = 60_000 }: { signal?: AbortSignal | undefined; silence?: number | false | undefined },
): Promise<string> {
  signal?.throwIfAborted()
  if (response.body === null) return ''
  const reader = response.body.getReader()
  // Ends the read that is under way.
  const stop = (): void => void reader.cancel(signal?.reason).catch(() => undefined)
  signal?.addEventListener('abort', stop)
  const decoder = new TextDecoder()
  let text = ''
  try {
    for (;;) {
      const { done, value } = await limitSilence(reader.read(), silence)
      signal?.throwIfAborted()
      if (done) return text + decoder.decode()
      text += decoder.decode(value, { stream: true })
    }
  } catch (error) {
    signal?.throwIfAborted()
    reader.cancel(error).catch(() => undefined)
    throw error
  } finally {
    signal?.removeEventListener('abort', stop)
  }
}
