/** Milliseconds for which changes of a server are counted. */
const window = 10 * 60_000
/** The number of changes that are made without a delay. */
const undelayed = 5
/** Milliseconds of the longest delay. */
const longest = 5 * 60_000

/**
 * Milliseconds to wait before a server is changed again because of its events. Usually there is no delay. If the server was
 * changed many times within ten minutes, something else keeps changing it back, and the two must not compete at full speed.
 *
 * @param changedAt times in milliseconds at which it was changed because of its events
 */
export function flapDelay(changedAt: readonly number[], now: number): number {
  const times = recent(changedAt, now).length
  return times < undelayed ? 0 : Math.min(longest, 1000 * 2 ** (times - undelayed))
}

/** The times that still count. */
export function recent(changedAt: readonly number[], now: number): number[] {
  return changedAt.filter((at) => now - at < window)
}
