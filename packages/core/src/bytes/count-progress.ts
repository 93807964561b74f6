import type { Progress } from '../model/progress.ts'

/** Takes a report of progress. */
export type ReportProgress = (progress: Progress) => void

/**
 * Turns counts of bytes into progress with a rate over the last seconds; at most ten reports a second.
 *
 * @param alreadyThere bytes that were transferred before
 *
 * @example
 * ```ts
 * const count = countProgress('upload', 1000, ({ percent }) => console.log(percent))
 * count(1000) // 100
 * ```
 */
export function countProgress(
  stage: string,
  totalBytes: number | undefined,
  onProgress: ReportProgress | undefined,
  alreadyThere = 0,
): (count: number) => void {
  if (onProgress === undefined) return () => undefined
  let bytes = alreadyThere
  let reported = 0
  const window: { at: number; bytes: number }[] = [{ at: performance.now(), bytes }]
  return (count) => {
    bytes += count
    const at = performance.now()
    if (at - reported < 100 && bytes !== totalBytes) return
    reported = at
    window.push({ at, bytes })
    while (window.length > 2 && at - (window[0]?.at ?? at) > 3000) window.shift()
    const first = window[0] ?? { at, bytes }
    onProgress({
      stage,
      bytes,
      ...(totalBytes ? { totalBytes, percent: Math.min(100, (bytes / totalBytes) * 100) } : {}),
      ...(at > first.at
        ? { bytesPerSecond: Math.round(((bytes - first.bytes) / (at - first.at)) * 1000) }
        : {}),
    })
  }
}
