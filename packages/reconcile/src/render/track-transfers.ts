import { type FollowedTransfer, followTransfer, type TransferState } from '@hyperkit/terminal/text'
import type { Change } from '../documents/plan.ts'
import type { ApplyEvent } from '../plan/apply-event.ts'
import { isCreation } from '../plan/plan-creation.ts'

/** The progress of a change that moves bytes. */
export interface Transfer extends TransferState {
  server: string
  change: Change
}

/** The transfers of a run. */
export interface Transfers {
  /** Takes events in order; `now` is in milliseconds of any clock that is never set back. */
  take(event: ApplyEvent, now: number): void
  /** The transfer of an event; undefined for a change that moves no bytes, or has ended. */
  find(event: ApplyEvent, now: number): Transfer | undefined
}

interface Tracked {
  server: string
  change: Change
  transfer: FollowedTransfer
}

/** Follows the transfers in progress. A transfer that starts again does not move until it has passed its former progress. */
export function trackTransfers(): Transfers {
  // Changes are compared by identity, because two servers can have equal ones.
  const transfers = new Map<Change, Tracked>()
  return {
    take(event, now) {
      if (event.kind === 'ended') transfers.delete(event.result.change)
      else if (event.kind === 'begun' && isCreation(event.change))
        transfers.set(event.change, begin(event.server, event.change, now))
      else if (event.kind === 'moved') {
        const tracked = transfers.get(event.change) ?? begin(event.server, event.change, now)
        transfers.set(event.change, tracked)
        tracked.transfer.move(event.progress, now)
      }
    },
    find(event, now) {
      const tracked = event.kind === 'ended' ? undefined : transfers.get(event.change)
      return tracked && measure(tracked, now)
    },
  }
}

function begin(server: string, change: Change, now: number): Tracked {
  const totalBytes = change.action === 'upload-image' ? change.bytes : undefined
  return { server, change, transfer: followTransfer(now, totalBytes) }
}

function measure({ server, change, transfer }: Tracked, now: number): Transfer {
  return { server, change, ...transfer.measure(now) }
}
