/**
 * What stands in a recording where a secret was: `hyperkit-hidden-7-1`, the first secret that was met in file 7. The same
 * secret has the same one throughout. Letters and digits only, so that it means the same in a URL, a header and JSON.
 *
 * @example
 * ```ts
 * import { hiddenText } from '@hyperkit/core/parts'
 *
 * console.log(hiddenText.pattern.test('hyperkit-hidden-7-1')) // true
 * ```
 */
export const hiddenText = {
  make: (file: number, count: number): string => `hyperkit-hidden-${file}-${count}`,
  pattern: /hyperkit-hidden-\d+-\d+/,
} as const
