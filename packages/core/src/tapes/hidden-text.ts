/**
 * The text that replaces a secret in a recording: `hyperkit-hidden-7-1` for the first secret found in file 7. The same secret has the same
 * text throughout a recording. It has letters, digits and hyphens only, so that it is the same in a URL, a header and JSON.
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
