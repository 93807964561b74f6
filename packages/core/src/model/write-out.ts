/** Control characters of ASCII and Unicode, direction marks that make a text look different, and lone surrogates. */
const unseen = /[\p{Cc}\p{Cs}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu

/** Writes out the characters of a message that control a terminal or forge its lines, such as `\u001b`; line breaks and tabs stay. */
export function writeOut(message: string): string {
  return message.replace(unseen, (letter) =>
    letter === '\n' || letter === '\t'
      ? letter
      : `\\u${(letter.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  )
}
