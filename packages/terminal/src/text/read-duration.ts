const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/**
 * Reads a duration such as `90`, `500ms`, `60s`, `1.5m`, `1h30m` or `7d` as milliseconds; a plain number is seconds. Undefined for any
 * other text.
 *
 * @example
 * ```ts
 * import { readDuration } from '@hyperkit/terminal/text'
 *
 * console.log(readDuration('1h30m')) // 5400000
 * ```
 */
export function readDuration(text: string): number | undefined {
  if (/^\d{1,9}(?:\.\d{1,3})?$/.test(text)) return Number(text) * 1000
  if (!/^(?:\d{1,9}(?:\.\d{1,3})?(?:ms|s|m|h|d))+$/.test(text)) return undefined
  const parts = [...text.matchAll(/([\d.]+)(ms|s|m|h|d)/g)]
  return parts.reduce((sum, [, count = '', unit = '']) => sum + Number(count) * (units[unit] ?? 0), 0)
}
