/**
 * Replaces comments and the contents of strings, templates and regular expressions by spaces, so that patterns match
 * code only. Length and line breaks stay, so offsets in the result are offsets in the source. Code inside `${}` is kept.
 *
 * It is written by hand because TypeScript 7 has no parser API, and Bun's import scanner drops type-only imports and lines.
 */
export function blankLiterals(source: string): string {
  const out = source.split('')
  const braces: ('block' | 'template')[] = []
  let at = 0
  while (at < source.length) {
    const char = source[at] ?? ''
    if (source.startsWith('//', at)) at = blank(out, at, lineEnd(source, at))
    else if (source.startsWith('/*', at)) at = blank(out, at, blockCommentEnd(source, at))
    else if (char === "'" || char === '"') at = blank(out, at + 1, quoteEnd(source, at)) + 1
    else if (char === '/' && opensPattern(source, at)) at = blank(out, at + 1, patternEnd(source, at)) + 1
    else if (char === '`' || (char === '}' && braces.at(-1) === 'template')) {
      if (char === '}') braces.pop()
      const end = templateEnd(source, at + 1)
      blank(out, at + 1, end)
      if (source[end] === '$') braces.push('template')
      at = source[end] === '$' ? end + 2 : end + 1
    } else {
      if (char === '{') braces.push('block')
      if (char === '}') braces.pop()
      at += 1
    }
  }
  return out.join('')
}

function blank(out: string[], from: number, to: number): number {
  for (let at = from; at < to; at += 1) if (out[at] !== '\n') out[at] = ' '
  return to
}

function lineEnd(source: string, from: number): number {
  const end = source.indexOf('\n', from)
  return end === -1 ? source.length : end
}

function blockCommentEnd(source: string, from: number): number {
  const end = source.indexOf('*/', from + 2)
  return end === -1 ? source.length : end + 2
}

function quoteEnd(source: string, from: number): number {
  for (let at = from + 1; at < source.length; at += 1) {
    if (source[at] === '\\') at += 1
    else if (source[at] === source[from] || source[at] === '\n') return at
  }
  return source.length
}

/** The offset of the closing backtick or of the `$` that opens a `${`. */
function templateEnd(source: string, from: number): number {
  for (let at = from; at < source.length; at += 1) {
    if (source[at] === '\\') at += 1
    else if (source[at] === '`' || source.startsWith('${', at)) return at
  }
  return source.length
}

/** A slash divides after a value, and begins a regular expression anywhere else; keywords before an expression are listed. */
function opensPattern(source: string, at: number): boolean {
  const before = source.slice(Math.max(0, at - 200), at).trimEnd()
  if (/(?:^|[^\w$.])(?:return|typeof|case|in|of|void|delete|await|yield|throw|else|do)$/.test(before))
    return true
  return before === '' || /[(,=:[!&|?{};+\-*%<>~^]$/.test(before)
}

function patternEnd(source: string, from: number): number {
  let inClass = false
  for (let at = from + 1; at < source.length; at += 1) {
    const char = source[at]
    if (char === '\\') at += 1
    else if (char === '[') inClass = true
    else if (char === ']') inClass = false
    else if (char === '\n' || (char === '/' && !inClass)) return at
  }
  return source.length
}
