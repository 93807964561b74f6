/** A progress report of a transfer. */
export interface TransferReport {
  bytes?: number
  totalBytes?: number
  percent?: number
}

/** The state of a transfer; it never goes backwards or beyond the total. */
export interface TransferState {
  bytes: number
  /** Undefined if unknown. */
  totalBytes: number | undefined
  /** 0 to 100; 100 only if everything was sent. */
  percent: number | undefined
  /** Over the last seconds; undefined at the beginning. */
  bytesPerSecond: number | undefined
  /** Undefined if there is no total or nothing moves. */
  secondsLeft: number | undefined
}

/** A transfer that is followed. `now` is in milliseconds of any clock that does not go backwards. */
export interface FollowedTransfer {
  /** Takes the next report. */
  move(report: TransferReport, now: number): void
  /** The state now. */
  measure(now: number): TransferState
}

const windowMs = 5000
const shortestMs = 500

/** Follows a transfer. If it starts again, its state stands still until it gets further than before. */
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
      // A percentage without bytes is that of the server's own work after the transfer.
      const told = counted ?? (bytes > 0 ? undefined : report.percent)
      if (told !== undefined) percent = Math.min(100, Math.max(percent ?? 0, told))
      samples.push({ at, bytes })
      // One sample from before the window is kept to measure from.
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
