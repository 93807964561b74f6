import { readDuration } from '@hyperkit/terminal/text'
import * as v from 'valibot'

/**
 * `90`, `500ms`, `60s`, `1.5m`, `1h30m`, `1d` as milliseconds; a plain number is seconds. The one syntax of durations, in
 * flags and manifests.
 *
 * @example
 * ```ts
 * import { duration } from '@hyperkit/script'
 * import * as v from 'valibot'
 *
 * console.log(v.parse(duration, '1.5m')) // 90000
 * ```
 */
export const duration = v.pipe(
  v.string(),
  v.rawTransform(({ dataset, addIssue, NEVER }): number => {
    const milliseconds = readDuration(dataset.value)
    if (milliseconds !== undefined) return milliseconds
    addIssue({ message: 'it must be a duration such as 90, 500ms, 30s, 5m or 1h30m' })
    return NEVER
  }),
  v.check((milliseconds) => milliseconds >= 0 && milliseconds < 2 ** 31, 'it must be less than 24 days'),
)
