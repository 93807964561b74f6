import { readDuration } from '@hyperkit/terminal/text'
import * as v from 'valibot'

/** A key with a duration; {@link durationOf} reads it. */
export const duration = v.pipe(
  v.union([v.number(), v.string()]),
  v.check(
    (value) => durationOf(value) !== undefined,
    'must be a duration of more than 0, such as 90, 30s or 5m',
  ),
)

/** Milliseconds; undefined for anything that is not a duration. */
export function durationOf(value: string | number): number | undefined {
  const milliseconds = readDuration(String(value))
  return milliseconds === undefined || milliseconds <= 0 || milliseconds >= 2 ** 31 ? undefined : milliseconds
}
