import type { ApplyEvent } from '../plan/outcome.ts'
import type { Change } from '../plan/plan.ts'
import { isCreation } from '../plan/plan-creation.ts'

/** How far a transfer is: never backwards, and never more than all. */
export interface Transfer {
  server: string
  change: Change
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

export interface Transfers {
  /** Takes events in their order; `now` in milliseconds of any clock that does not go back. */
  take(event: ApplyEvent, now: number): void
  /** Those under way, in the order in which they began. */
  list(now: number): Transfer[]
  find(event: ApplyEvent, now: number): Transfer | undefined
}

interface Tracked {
  server: string
  change: Change
  bytes: number
  totalBytes: number | undefined
  percent: number | undefined
  samples: { at: number; bytes: number }[]
}

const windowMs = 5000
const shortestMs = 500

/** Follows what is under way. A transfer that begins anew stands still until it is where it was. */
export function trackTransfers(): Transfers {
  // Changes are told apart by being themselves: two servers can have equal ones.
  const transfers = new Map<Change, Tracked>()
  return {
    take(event, now) {
      if (event.kind === 'ended') transfers.delete(event.result.change)
      else if (event.kind === 'begun' && isCreation(event.change))
        transfers.set(event.change, begin(event.server, event.change, now))
      else if (event.kind === 'moved') {
        const tracked = transfers.get(event.change) ?? begin(event.server, event.change, now)
        transfers.set(event.change, tracked)
        move(tracked, event.progress, now)
      }
    },
    list: (now) => [...transfers.values()].map((tracked) => measure(tracked, now)),
    find(event, now) {
      const tracked = event.kind === 'ended' ? undefined : transfers.get(event.change)
      return tracked && measure(tracked, now)
    },
  }
}

function begin(server: string, change: Change, now: number): Tracked {
  const totalBytes = change.action === 'upload-image' ? change.bytes : undefined
  return { server, change, bytes: 0, totalBytes, percent: undefined, samples: [{ at: now, bytes: 0 }] }
}

function move(
  tracked: Tracked,
  progress: Extract<ApplyEvent, { kind: 'moved' }>['progress'],
  now: number,
): void {
  const { bytes, totalBytes, percent } = progress
  if (totalBytes !== undefined) tracked.totalBytes = Math.max(totalBytes, tracked.bytes)
  const { totalBytes: total } = tracked
  if (bytes !== undefined) tracked.bytes = Math.max(tracked.bytes, Math.min(bytes, total ?? bytes))
  const counted = bytes !== undefined && total ? (tracked.bytes / total) * 100 : undefined
  // A percentage without bytes is of something that follows the bytes: the server's own work.
  const told = counted ?? (tracked.bytes > 0 ? undefined : percent)
  if (told !== undefined) tracked.percent = Math.min(100, Math.max(tracked.percent ?? 0, told))
  tracked.samples.push({ at: now, bytes: tracked.bytes })
  // One from before the window stays, to measure from.
  while ((tracked.samples[1]?.at ?? now) <= now - windowMs) tracked.samples.shift()
}

function measure({ server, change, bytes, totalBytes, percent, samples }: Tracked, now: number): Transfer {
  const [first] = samples
  const elapsed = first === undefined ? 0 : now - first.at
  const bytesPerSecond =
    first === undefined || elapsed < shortestMs
      ? undefined
      : Math.round(((bytes - first.bytes) / elapsed) * 1000)
  const left = totalBytes === undefined ? undefined : totalBytes - bytes
  const secondsLeft = left === undefined || !bytesPerSecond ? undefined : Math.ceil(left / bytesPerSecond)
  return { server, change, bytes, totalBytes, percent, bytesPerSecond, secondsLeft }
}
