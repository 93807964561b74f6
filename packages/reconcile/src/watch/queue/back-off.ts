export interface BackOffOptions {
  /** Milliseconds of the first pause. */
  first: number
  /** Milliseconds of the longest pause. */
  most: number
  /** From 0 to 1, so that clients that share an outage return at different times. */
  random: number
}

/**
 * Milliseconds to wait after a number of failures in a row: twice as long each time, minus a random part of up to one half.
 *
 * @param failures from 1
 */
export function backOff(failures: number, { first, most, random }: BackOffOptions): number {
  // 2 ** 1024 is Infinity.
  const whole = Math.min(most, first * 2 ** Math.min(failures - 1, 50))
  return whole * (1 - random / 2)
}
