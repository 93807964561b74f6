/** HTML that is safe to send unchanged. */
export class Html {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

export type Part = string | number | Html | false | undefined | readonly Part[]

/** Keeps the markup, and escapes every value in it, in texts and in quoted attributes. */
export function html(pieces: TemplateStringsArray, ...parts: Part[]): Html {
  return new Html(pieces.reduce((text, piece, index) => text + toText(parts[index - 1]) + piece))
}

function toText(part: Part): string {
  if (part === undefined || part === false) return ''
  if (part instanceof Html) return part.text
  if (typeof part === 'object') return part.map(toText).join('')
  return escapeText(String(part))
}

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Also makes visible what would turn the direction of the text around it, or hide in it (Unicode TR 36, TR 39). Emoji need the joiner U+200D. */
function escapeText(text: string): string {
  return text
    .replace(/[&<>"']/g, (letter) => entities[letter] ?? letter)
    .replace(/(?!\u200d)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (letter) =>
      letter === '\n' || letter === '\t' ? ' ' : `\\u{${(letter.codePointAt(0) ?? 0).toString(16)}}`,
    )
}
