import { ArgumentError } from '../errors/errors.ts'
import type { Progress } from '../model/progress.ts'
import { passBytes } from './pass-bytes.ts'

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
  const { size, what } = facts
  let sent = 0
  const mismatch = (has: string): Error =>
    new ArgumentError('size', `Cannot send ${what}: it was said to have ${size} bytes, and has ${has}`)
  return passBytes(source, {
    take({ byteLength }) {
      sent += byteLength
      if (size !== undefined && sent > size) throw mismatch('more')
      facts.onBytes?.(byteLength)
    },
    end() {
      if (size !== undefined && sent < size) throw mismatch(`only ${sent}`)
    },
  })
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
