import { ArgumentError } from '../errors/errors.ts'
import type { Progress } from '../model/progress.ts'

/**
 * The same bytes, counted as they are taken.
 *
 * Where a size was promised, more or fewer bytes are an error: Node and Bun would cut what is longer than its
 * `content-length` in silence.
 */
export function countBytes(
  source: ReadableStream<Uint8Array>,
  facts: { size: number | undefined; onBytes?: ((count: number) => void) | undefined; what: string },
): ReadableStream<Uint8Array> {
  const reader = source.getReader()
  let count = 0
  const mismatch = (): Error | undefined =>
    facts.size === undefined || count === facts.size
      ? undefined
      : new ArgumentError(
          'size',
          `Cannot send ${facts.what}: it was said to have ${facts.size} bytes, and has ${count > facts.size ? 'more' : `only ${count}`}`,
        )
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await reader.read()
        if (done) {
          const wrong = mismatch()
          if (wrong) controller.error(wrong)
          else controller.close()
          return
        }
        count += value.byteLength
        const wrong = facts.size !== undefined && count > facts.size ? mismatch() : undefined
        if (wrong) {
          await reader.cancel(wrong)
          controller.error(wrong)
          return
        }
        facts.onBytes?.(value.byteLength)
        controller.enqueue(value)
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  )
}

/** Turns counts of bytes into progress with a rate over the last seconds; at most ten reports a second. */
export function uploadProgress(
  totalBytes: number | undefined,
  onProgress: (progress: Progress) => void,
): (count: number) => void {
  let bytes = 0
  let reported = 0
  const window: { at: number; bytes: number }[] = [{ at: performance.now(), bytes: 0 }]
  return (count) => {
    bytes += count
    const at = performance.now()
    if (at - reported < 100 && bytes !== totalBytes) return
    reported = at
    window.push({ at, bytes })
    while (window.length > 2 && at - (window[0]?.at ?? at) > 3000) window.shift()
    const first = window[0] ?? { at, bytes }
    onProgress({
      stage: 'upload',
      bytes,
      ...(totalBytes === undefined
        ? {}
        : { totalBytes, percent: totalBytes === 0 ? 100 : (bytes / totalBytes) * 100 }),
      ...(at > first.at
        ? { bytesPerSecond: Math.round(((bytes - first.bytes) / (at - first.at)) * 1000) }
        : {}),
    })
  }
}
