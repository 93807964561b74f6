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
  /** Runs one pass. The next one begins when it has ended; whatever is queued meanwhile becomes one pass after it. */
  runPass(pass: Pass): Promise<void>
  /**
   * Milliseconds from now to the next scheduled pass over all servers.
   *
   * @param since when the pass before began, in milliseconds since 1970; undefined before the first
   */
  untilScheduled(since?: number): number
}

export interface Scheduler {
  /**
   * Queues a pass.
   *
   * @param server undefined for all servers
   * @param delay milliseconds from now
   */
  enqueue(server: string | undefined, delay: number, reason: Reason): void
  /** Drops the queued passes of all other servers. */
  keepServers(names: ReadonlySet<string>): void
  /** Runs passes until the signal is aborted. */
  run(): Promise<void>
}

/** Milliseconds. Some runtimes cut timers above 2 ** 31 to one millisecond, and a longer sleep is not needed. */
const longestSleep = 3_600_000

/** Runs passes when they are due, one after another. */
export function createScheduler({ signal, runPass, untilScheduled }: SchedulerOptions): Scheduler {
  // This clock is never set back.
  const now = (): number => performance.now()
  let queue: PassQueue = emptyQueue
  let scheduledAt = now() + untilScheduled()
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
  return {
    enqueue(server, delay, reason) {
      add(server, now() + delay, reason)
      wake()
    },
    keepServers(names) {
      queue = keepServers(queue, names)
    },
    async run() {
      const end = (): void => wake()
      signal.addEventListener('abort', end)
      try {
        while (!signal.aborted) {
          if (now() >= scheduledAt) add(undefined, now(), 'schedule')
          const due = takeDue(queue, now())
          if (due === undefined) {
            await sleepUntil(Math.min(scheduledAt, nextTime(queue) ?? scheduledAt))
            continue
          }
          queue = due.rest
          const began = Date.now()
          await runPass(due.pass)
          if (due.pass.servers === 'all') scheduledAt = now() + untilScheduled(began)
        }
      } finally {
        signal.removeEventListener('abort', end)
      }
    },
  }
}
