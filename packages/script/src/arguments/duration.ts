import * as v from 'valibot'

const units = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/**
 * `30`, `30s`, `500ms`, `5m`, `2h`, `1d` as milliseconds; a plain number is seconds.
 *
 * @example
 * ```ts
 * import { duration } from '@hyperkit/script'
 * import * as v from 'valibot'
 *
 * console.log(v.parse(duration, '90')) // 90000
 * ```
 */
export const duration = v.pipe(
  v.string(),
  v.regex(
    /^\d+(?:\.\d+)?(?:ms|s|m|h|d)?$/,
    'a number of seconds, or a duration such as 500ms, 30s, 5m, 2h, is needed',
  ),
  v.transform((text) => {
    const [, number = '', unit = 's'] = /^([\d.]+)(\D*)$/.exec(text) ?? []
    return Number(number) * units[(unit || 's') as keyof typeof units]
  }),
  v.check(
    (milliseconds) => milliseconds > 0 && milliseconds < 2 ** 31,
    'more than 0 and less than 24 days is needed',
  ),
)
