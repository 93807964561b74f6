/** Control characters of ASCII and of Unicode, the order marks with which a text shows otherwise than it is, and halves of pairs. */
const unseen = /[\p{Cc}\p{Cs}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu

/**
 * A text that a terminal shows and does not obey: what controls it (escape sequences, carriage returns, marks that turn
 * the order of letters) stands written out, as `\u001b`.
 *
 * @param options.keep control characters that stay, such as `\n\t` in a text of several lines
 */
export function showText(text: string, options: { keep?: string } = {}): string {
  const { keep = '' } = options
  return text.replace(unseen, (letter) =>
    keep.includes(letter) ? letter : `\\u${(letter.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  )
}
