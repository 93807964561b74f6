/** The columns that a text takes on a terminal: two for wide East Asian letters and emoji, none for combining marks. */
export function widthOf(text: string): number {
  let width = 0
  for (const letter of text) width += widthOfLetter(letter)
  return width
}

/** As much of the text as fits into some columns. */
export function cutToWidth(text: string, columns: number): string {
  let width = 0
  let cut = ''
  for (const letter of text) {
    width += widthOfLetter(letter)
    if (width > columns) return cut
    cut += letter
  }
  return cut
}

/** The text, padded with spaces to at least some columns. */
export function padToWidth(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - widthOf(text)))
}

function widthOfLetter(letter: string): number {
  if (/^\p{M}|^\p{Cf}/u.test(letter)) return 0
  // East Asian Wide and Fullwidth of Unicode's EastAsianWidth.txt, in its large blocks.
  return /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u.test(
    letter,
  )
    ? 2
    : 1
}

/** The largest of some widths, 0 without any. `Math.max(...widths)` overflows the stack if a server lists a million things. */
export function largest(widths: readonly number[]): number {
  return widths.reduce((most, width) => Math.max(most, width), 0)
}
