import { lateAfter } from '../concurrency/late-after.ts'
import type { Semaphore } from '../concurrency/semaphore.ts'

/** The place of a server among those that are worked on at once. */
export interface Place {
  /** Gives the place to another server; has no effect the second time. */
  leave(): void
}

/** The places of servers that are worked on at once. */
export interface Places {
  /**
   * Waits for a place. A server that hangs loses it while others wait: if nothing was heard of it for some seconds, and it does not even
   * describe itself meanwhile. It gets it back as soon as it is heard again, even if all are taken: its work goes on, and no other server
   * begins until the places suffice again.
   */
  take(server: string): Promise<Place>
  /** Records that bytes have arrived from a server, or were taken by it. */
  heard(server: string): void
  /** Whether more servers are worked on than there are places, because one has come back. */
  isOverdrawn(): boolean
}

export interface PlacesOptions {
  /** Runs of one process can share it. */
  semaphore: Semaphore
  /** Asks a server for something that it answers at once, however much it has to do; rejects or never resolves if it does not. */
  ask(server: string, signal: AbortSignal): Promise<unknown>
}

const ticks = { untilAsked: 3, untilLeft: 6 }
const tick = lateAfter / ticks.untilLeft

export function createPlaces({ semaphore, ask }: PlacesOptions): Places {
  const watched = new Map<string, Set<() => void>>()
  return {
    async take(server) {
      await semaphore.acquire()
      const { heard, end } = watchPlace(semaphore, (signal) => ask(server, signal))
      const all = watched.get(server) ?? new Set()
      watched.set(server, all.add(heard))
      return {
        leave() {
          all.delete(heard)
          if (all.size === 0 && watched.get(server) === all) watched.delete(server)
          end()
        },
      }
    },
    heard(server) {
      for (const heard of watched.get(server) ?? []) heard()
    },
    isOverdrawn: semaphore.isOverdrawn,
  }
}

function watchPlace(
  semaphore: Semaphore,
  ask: (signal: AbortSignal) => Promise<unknown>,
): { heard(): void; end(): void } {
  const ended = new AbortController()
  let isHeld = true
  let isAsking = false
  let silent = 0
  const heard = (): void => {
    silent = 0
    if (isHeld || ended.signal.aborted) return
    isHeld = true
    semaphore.reclaim()
  }
  const question = async (): Promise<void> => {
    isAsking = true
    try {
      await ask(ended.signal)
      heard()
    } catch {
      // It is asked again.
    } finally {
      isAsking = false
    }
  }
  const timer = setInterval(() => {
    // A server whose place nobody wants is not asked.
    if (isHeld && !semaphore.isWanted()) {
      silent = 0
      return
    }
    silent += 1
    if (isHeld && isAsking && silent >= ticks.untilLeft) {
      isHeld = false
      semaphore.release()
    }
    if (!isAsking && silent % ticks.untilAsked === 0) void question()
  }, tick)
  return {
    heard,
    end() {
      if (ended.signal.aborted) return
      ended.abort()
      clearInterval(timer)
      if (isHeld) semaphore.release()
    },
  }
}
