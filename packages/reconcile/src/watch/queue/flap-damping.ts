/** Milliseconds in which changes of a server are counted. */
const window = 10 * 60_000
/** So many times what was changed by hand is put back at once. */
const atOnce = 5
const longest = 5 * 60_000

/**
 * Milliseconds to wait before a server is changed again because of its events. None as a rule; when it was changed many
 * times within ten minutes, something else wants it another way, and the two must not chase each other for ever.
 *
 * @param changedAt times in milliseconds at which it was changed because of its events
 */
export function flapDelay(changedAt: readonly number[], now: number): number {
  const times = recent(changedAt, now).length
  return times < atOnce ? 0 : Math.min(longest, 1000 * 2 ** (times - atOnce))
}

/** Those that still count. */
export function recent(changedAt: readonly number[], now: number): number[] {
  return changedAt.filter((at) => now - at < window)
}
