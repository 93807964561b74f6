import type { Reason } from '../documents/watch.ts'
import { type Agenda, emptyAgenda, keepServers, type Look, nextTime, note, takeDue } from './queue/agenda.ts'

export interface KeepAppointmentsOptions {
  signal: AbortSignal
  /** Does one look; the next one is begun when it has ended, and what comes meanwhile is one look after it. */
  look(look: Look): Promise<void>
  /**
   * Milliseconds from now to the next look at all servers that has no other occasion.
   *
   * @param since when the look before began, in milliseconds since 1970; undefined before the first
   */
  untilScheduled(since?: number): number
}

export interface Appointments {
  /** @param server undefined for all of them */
  note(server: string | undefined, delay: number, reason: Reason): void
  keepServers(names: ReadonlySet<string>): void
  /** Looks until the signal is aborted. */
  keep(): Promise<void>
}

/** Longer timers are cut to a millisecond by some runtimes (above 2 ** 31), and none is needed. */
const longestSleep = 3_600_000

/** Looks at servers when it is time, one look after another. */
export function makeAppointments({ signal, look, untilScheduled }: KeepAppointmentsOptions): Appointments {
  // A clock that nobody sets back.
  const now = (): number => performance.now()
  let agenda: Agenda = emptyAgenda
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
    agenda = note(agenda, server, at, reason)
  }
  return {
    note(server, delay, reason) {
      add(server, now() + delay, reason)
      wake()
    },
    keepServers(names) {
      agenda = keepServers(agenda, names)
    },
    async keep() {
      const end = (): void => wake()
      signal.addEventListener('abort', end)
      try {
        while (!signal.aborted) {
          if (now() >= scheduledAt) add(undefined, now(), 'schedule')
          const due = takeDue(agenda, now())
          if (due === undefined) {
            await sleepUntil(Math.min(scheduledAt, nextTime(agenda) ?? scheduledAt))
            continue
          }
          agenda = due.rest
          const began = Date.now()
          await look(due.look)
          if (due.look.servers === 'all') scheduledAt = now() + untilScheduled(began)
        }
      } finally {
        signal.removeEventListener('abort', end)
      }
    },
  }
}
