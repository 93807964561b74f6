const units: Readonly<Record<string, number>> = {
  '': 1,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
}

/**
 * Reads a size such as `67108864`, `512KiB`, `64MiB` or `1.5GiB` as bytes, rounded down; a plain number is bytes. Undefined for any other
 * text, and for more than 2^53 - 1.
 *
 * @example
 * ```ts
 * import { readByteSize } from '@hyperkit/terminal/text'
 *
 * console.log(readByteSize('64MiB')) // 67108864
 * ```
 */
export function readByteSize(text: string): number | undefined {
  const [, count, unit = ''] = /^(\d+(?:\.\d+)?)([KMGT]iB)?$/.exec(text) ?? []
  if (count === undefined) return undefined
  const bytes = Math.floor(Number(count) * (units[unit] ?? Number.NaN))
  return Number.isSafeInteger(bytes) ? bytes : undefined
}
