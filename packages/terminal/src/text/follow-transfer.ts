/** What is told of a transfer under way. */
export interface TransferReport {
  bytes?: number
  totalBytes?: number
  percent?: number
}

/** How far a transfer is: never backwards, and never more than all. */
export interface TransferState {
  bytes: number
  /** Undefined where nobody knows. */
  totalBytes: number | undefined
  /** 0 to 100; 100 only when all is sent. */
  percent: number | undefined
  /** Over the last seconds; undefined until some have gone by. */
  bytesPerSecond: number | undefined
  /** Undefined where it cannot be told: no total, or nothing moves. */
  secondsLeft: number | undefined
}

/** One transfer, followed. `now` is in milliseconds of any clock that does not go back. */
export interface FollowedTransfer {
  /** Takes the next report. */
  move(report: TransferReport, now: number): void
  /** How far it is now. */
  measure(now: number): TransferState
}

const windowMs = 5000
const shortestMs = 500

/** Follows a transfer. One that begins anew stands still until it is where it was. */
export function followTransfer(now: number, totalBytes?: number): FollowedTransfer {
  let bytes = 0
  let total = totalBytes
  let percent: number | undefined
  const samples = [{ at: now, bytes: 0 }]
  return {
    move(report, at) {
      if (report.totalBytes !== undefined) total = Math.max(report.totalBytes, bytes)
      if (report.bytes !== undefined) bytes = Math.max(bytes, Math.min(report.bytes, total ?? report.bytes))
      const counted = report.bytes !== undefined && total ? (bytes / total) * 100 : undefined
      // A percentage without bytes is of something that follows the bytes: the server's own work.
      const told = counted ?? (bytes > 0 ? undefined : report.percent)
      if (told !== undefined) percent = Math.min(100, Math.max(percent ?? 0, told))
      samples.push({ at, bytes })
      // One from before the window stays, to measure from.
      while ((samples[1]?.at ?? at) <= at - windowMs) samples.shift()
    },
    measure(at) {
      const [first] = samples
      const elapsed = first === undefined ? 0 : at - first.at
      const bytesPerSecond =
        first === undefined || elapsed < shortestMs
          ? undefined
          : Math.round(((bytes - first.bytes) / elapsed) * 1000)
      const left = total === undefined ? undefined : total - bytes
      const secondsLeft = left === undefined || !bytesPerSecond ? undefined : Math.ceil(left / bytesPerSecond)
      return { bytes, totalBytes: total, percent, bytesPerSecond, secondsLeft }
    },
  }
}
