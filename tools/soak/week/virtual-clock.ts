import { stat } from 'node:fs/promises'

/** A clock that passes as fast as the process can follow. */
export interface VirtualClock {
  /** Milliseconds since 1970. */
  now(): number
  /** Milliseconds of the real clock, from any beginning. */
  realNow(): number
  /**
   * Lets time pass, and runs all timers that become due.
   *
   * @param isBusy whether something runs that no timer waits for
   */
  pass(milliseconds: number, isBusy: () => boolean): Promise<void>
  /** Gives the process its own clock back. */
  restore(): void
}

interface Timer {
  at: number
  run(): void
  /** Of an interval. */
  every?: number | undefined
}

const real = {
  setTimeout: globalThis.setTimeout,
  clearTimeout: globalThis.clearTimeout,
  setInterval: globalThis.setInterval,
  clearInterval: globalThis.clearInterval,
  setImmediate: globalThis.setImmediate,
  Date: globalThis.Date,
  timeout: AbortSignal.timeout,
  performanceNow: performance.now,
}

/** Rounds without a new timer after which nothing happens any more: work on files goes on in the rounds between. */
const quietRounds = 3

/** As many while a server works on a request: then it waits for a timer too, as uploads do that read one file together. */
const busyRounds = 100

/**
 * Replaces the clock and the timers of this process.
 *
 * @param options.polling intervals of this length are stretched: they look for changes of files, which the system reports too
 */
export function useVirtualClock(options: { polling: number; stretched: number }): VirtualClock {
  let time = real.Date.now()
  const begun = time
  let last = 0
  let activity = 0
  const timers = new Map<number, Timer>()

  const add = (timer: Timer): object => {
    activity++
    const id = ++last
    timers.set(id, timer)
    return handleOf(id)
  }
  const clear = (handle: unknown): void => {
    timers.delete(Number(handle))
  }
  const handleOf = (id: number): object => {
    const handle = {
      ref: () => handle,
      unref: () => handle,
      hasRef: () => true,
      refresh: () => handle,
      close: () => clear(id),
      [Symbol.toPrimitive]: () => id,
      [Symbol.dispose]: () => clear(id),
    }
    return handle
  }
  class VirtualDate extends real.Date {
    constructor(...given: [] | ConstructorParameters<DateConstructor>) {
      if (given.length === 0) super(time)
      else super(...(given as [number]))
    }
    static override now(): number {
      return time
    }
    static override [Symbol.hasInstance](value: unknown): boolean {
      return Object.prototype.toString.call(value) === '[object Date]'
    }
  }
  const atLeast = (milliseconds: unknown): number => Math.max(1, Number(milliseconds) || 0)
  Object.assign(globalThis, {
    setTimeout: (run: (...args: unknown[]) => void, milliseconds?: number, ...args: unknown[]) =>
      add({ at: time + atLeast(milliseconds), run: () => run(...args) }),
    setInterval: (run: (...args: unknown[]) => void, milliseconds?: number, ...args: unknown[]) => {
      const every = milliseconds === options.polling ? options.stretched : atLeast(milliseconds)
      return add({ at: time + every, every, run: () => run(...args) })
    },
    clearTimeout: clear,
    clearInterval: clear,
    Date: VirtualDate,
  })
  AbortSignal.timeout = (milliseconds) => {
    const controller = new AbortController()
    const late = (): void => controller.abort(new DOMException('The operation timed out.', 'TimeoutError'))
    add({ at: time + milliseconds, run: late })
    return controller.signal
  }
  performance.now = () => time - begun

  /** Waits until nothing happens any more without a timer. */
  const settle = async (isBusy: () => boolean): Promise<void> => {
    for (let quiet = 0; quiet < (isBusy() ? busyRounds : quietRounds); ) {
      const before = activity
      // What was asked of the disk before this has mostly been answered when this is, however slow the machine is at the moment; a sleep
      // would be too short on a busy machine, and most of the time of the whole run on any other.
      await stat('/')
      await new Promise((resolve) => real.setImmediate(resolve))
      quiet = before === activity ? quiet + 1 : 0
    }
  }
  const next = (): [number, Timer] | undefined => {
    let first: [number, Timer] | undefined
    for (const each of timers) if (first === undefined || each[1].at < first[1].at) first = each
    return first
  }
  return {
    now: () => time,
    realNow: () => real.performanceNow.call(performance),
    async pass(milliseconds, isBusy) {
      const until = time + milliseconds
      for (;;) {
        await settle(isBusy)
        const first = next()
        if (first === undefined || first[1].at > until) break
        time = Math.max(time, first[1].at)
        for (let due = next(); due !== undefined && due[1].at <= time; due = next()) {
          const [id, timer] = due
          if (timer.every === undefined) timers.delete(id)
          else timers.set(id, { ...timer, at: time + timer.every })
          timer.run()
        }
      }
      time = until
    },
    restore() {
      const { timeout, performanceNow, ...globals } = real
      Object.assign(globalThis, globals)
      AbortSignal.timeout = timeout
      performance.now = performanceNow
    },
  }
}
