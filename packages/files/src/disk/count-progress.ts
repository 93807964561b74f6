import type { Progress } from '@hyperkit/core'

export type ReportProgress = (progress: Progress) => void

/** Turns counts of bytes into progress with the rate of the last seconds, reported at most ten times a second. */
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
      ...(totalBytes === undefined || totalBytes === 0
        ? {}
        : { totalBytes, percent: Math.min(100, (bytes / totalBytes) * 100) }),
      ...(at > first.at
        ? { bytesPerSecond: Math.round(((bytes - first.bytes) / (at - first.at)) * 1000) }
        : {}),
    })
  }
}
