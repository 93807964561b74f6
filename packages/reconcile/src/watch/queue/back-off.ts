export interface BackOffOptions {
  /** Milliseconds of the first pause. */
  first: number
  /** Milliseconds that no pause is longer than. */
  most: number
  /** From 0 to 1: who shares an outage comes back at different times. */
  random: number
}

/**
 * Milliseconds to wait after so many failures in a row: twice as long each time, of which a random half is left out.
 *
 * @param failures from 1
 */
export function backOff(failures: number, { first, most, random }: BackOffOptions): number {
  // 2 ** 1024 is no number any more.
  const whole = Math.min(most, first * 2 ** Math.min(failures - 1, 50))
  return whole * (1 - random / 2)
}
