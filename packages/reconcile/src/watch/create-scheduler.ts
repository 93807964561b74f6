import { lateAfter } from '../concurrency/late-after.ts'
import type { Reason } from '../documents/watch.ts'
import {
  emptyQueue,
  enqueue,
  keepServers,
  nextTime,
  type Pass,
  type PassQueue,
  takeDue,
} from './queue/pass-queue.ts'

export interface SchedulerOptions {
  signal: AbortSignal
  /** The servers of a pass over all. */
  servers(): readonly string[]
  /**
   * Runs one pass. No other pass has any of its servers meanwhile: what is queued for them waits until the pass has ended, or has released
   * them.
   */
  runPass(pass: Pass, release: (server: string) => void): Promise<void>
  /**
   * Milliseconds from now to the next scheduled pass over all servers.
   *
   * @param since when the pass before began, in milliseconds since 1970; undefined before the first
   */
  untilScheduled(since?: number): number
  /** Whether a pass has all servers, whichever it names; then none begins before all servers are released. @default false */
  isExclusive?(): boolean
  /** Milliseconds for which a pass over all servers waits for passes that still run. @default 3000 */
  patience?: number
}

export interface Scheduler {
  /**
   * Queues a pass.
   *
   * @param server undefined for all servers
   * @param delay milliseconds from now
   */
  enqueue(server: string | undefined, delay: number, reason: Reason): void
  /** Queues a pass over a server for when no pass has any of these others any more: at once if none has. */
  enqueueAfter(others: readonly string[], server: string, reason: Reason): void
  /** Drops the queued passes of all other servers. */
  keepServers(names: ReadonlySet<string>): void
  /** Runs passes until the signal is aborted. */
  run(): Promise<void>
}

/** Milliseconds. Some runtimes cut timers above 2 ** 31 to one millisecond, and a longer sleep is not needed. */
const longestSleep = 3_600_000

/** Runs passes when they are due, at the same time if they have different servers. */
export function createScheduler({
  signal,
  servers,
  runPass,
  untilScheduled,
  isExclusive = () => false,
  patience = lateAfter,
}: SchedulerOptions): Scheduler {
  // This clock is never set back.
  const now = (): number => performance.now()
  let queue: PassQueue = emptyQueue
  let scheduledAt = now() + untilScheduled()
  let newest: Pass | undefined
  let failure: { error: unknown } | undefined
  const running = new Map<Pass, Promise<void>>()
  const holders = new Map<string, Pass>()
  let held: { others: readonly string[]; server: string; reason: Reason }[] = []
  let wake = (): void => {}
  const sleepUntil = (time: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(() => wake(), Math.min(Math.max(0, time - now()), longestSleep))
      wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  const add = (server: string | undefined, at: number, reason: Reason): void => {
    queue = enqueue(queue, server, at, reason)
  }
  const queueFreed = (): void => {
    const isHeld = ({ others }: { others: readonly string[] }): boolean =>
      others.some((name) => holders.has(name))
    for (const { server, reason } of held.filter((each) => !isHeld(each))) add(server, now(), reason)
    held = held.filter(isHeld)
    wake()
  }
  const start = (pass: Pass): void => {
    const began = Date.now()
    const { except = [] } = pass
    const all = servers().filter((name) => !except.includes(name))
    const own = pass.servers === 'all' || isExclusive() ? all : pass.servers
    for (const name of own) holders.set(name, pass)
    const release = (name: string): void => {
      if (holders.get(name) !== pass) return
      holders.delete(name)
      queueFreed()
    }
    if (pass.servers === 'all') {
      newest = pass
      scheduledAt = now() + untilScheduled(began)
    }
    const ended = runPass(pass, release)
      .catch((error: unknown) => {
        failure ??= { error }
      })
      .finally(() => {
        running.delete(pass)
        for (const name of own) release(name)
        // The interval counts from the end of a pass, unless another one has begun meanwhile.
        if (newest === pass) scheduledAt = now() + untilScheduled(began)
        wake()
      })
    running.set(pass, ended)
  }
  return {
    enqueue(server, delay, reason) {
      add(server, now() + delay, reason)
      wake()
    },
    enqueueAfter(others, server, reason) {
      held.push({ others, server, reason })
      queueFreed()
    },
    keepServers(names) {
      held = held.filter(({ server }) => names.has(server))
      queue = keepServers(queue, names)
    },
    async run() {
      const end = (): void => wake()
      signal.addEventListener('abort', end)
      try {
        while (!signal.aborted && failure === undefined) {
          if (now() >= scheduledAt) {
            add(undefined, now(), 'schedule')
            // The next time is set when the pass begins, which may have to wait for others.
            scheduledAt = Number.POSITIVE_INFINITY
          }
          const names = [...holders.keys()]
          const isAll = names.length > 0 && servers().every((name) => names.includes(name))
          const busy = { servers: names, isAll, patience }
          if (names.length > 0 && isExclusive()) {
            await sleepUntil(Number.POSITIVE_INFINITY)
            continue
          }
          const due = takeDue(queue, now(), busy)
          if (due === undefined) {
            await sleepUntil(Math.min(scheduledAt, nextTime(queue, busy) ?? scheduledAt))
            continue
          }
          queue = due.rest
          start(due.pass)
        }
        await Promise.all(running.values())
        if (failure !== undefined) throw failure.error
      } finally {
        signal.removeEventListener('abort', end)
      }
    },
  }
}
