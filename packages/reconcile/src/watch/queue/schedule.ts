import { Cron } from 'croner'

/** When passes over all servers are due without any other reason. */
export interface Schedule {
  /** `0 3 * * *`, in the process's time zone. */
  cron?: string | undefined
  /** Milliseconds from one pass to the next. */
  interval?: number | undefined
  /** Milliseconds by which a pass may be late. */
  jitter: number
}

/** Undefined for a good pattern, otherwise what is wrong with it. */
export function explainCron(pattern: string, now: number): string | undefined {
  try {
    const next = nextOfCron(pattern, now)
    if (!Number.isFinite(next)) return 'it never matches'
    return Number.isFinite(nextOfCron(pattern, next)) ? undefined : 'it matches only once'
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return message.replace(/^CronPattern: /, '').replace(/\.$/, '')
  }
}

/**
 * When the next scheduled pass is due, in milliseconds since 1970: the first time of interval and pattern, plus a part of the
 * jitter, so that many watches do not read one server in the same second.
 *
 * @param random from 0 to 1
 * @param since when the last pass began; a time of the pattern that passed during it is made up for
 */
export function nextScheduled(
  { cron, interval, jitter }: Schedule,
  now: number,
  random: number,
  since = now,
): number {
  const times = [
    ...(interval === undefined ? [] : [now + interval]),
    ...(cron === undefined ? [] : [nextOfCron(cron, since)]),
  ]
  return Math.min(...times) + random * jitter
}

function nextOfCron(pattern: string, now: number): number {
  return new Cron(pattern, { paused: true }).nextRun(new Date(now))?.getTime() ?? Number.POSITIVE_INFINITY
}
