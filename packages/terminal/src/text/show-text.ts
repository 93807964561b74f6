/** Control characters of ASCII and Unicode, direction marks that make a text look different, and lone surrogates. */
const unseen = /[\p{Cc}\p{Cs}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu

/**
 * Makes a text safe to show on a terminal: characters that control it (escape sequences, carriage returns, direction marks) are written out,
 * such as `\u001b`.
 *
 * @param options.keep control characters that stay, such as `\n\t` in a text of several lines
 */
export function showText(text: string, options: { keep?: string } = {}): string {
  const { keep = '' } = options
  return text.replace(unseen, (letter) =>
    keep.includes(letter) ? letter : `\\u${(letter.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  )
}
