/** The error of Go's decoder for invalid JSON; clients show its message to users. */
export class JsonSyntaxError extends Error {
  override readonly name = 'JsonSyntaxError'
}

interface Cursor {
  readonly text: string
  at: number
}

/**
 * Reads the first JSON value of `text` and ignores what follows, as Go's `json.Decoder` does.
 *
 * @throws {JsonSyntaxError} with the words of Go: `EOF`, `unexpected EOF`, `invalid character 'b' looking for ...`
 */
export function parseGoJson(text: string): unknown {
  const cursor: Cursor = { text, at: 0 }
  skipSpace(cursor)
  if (cursor.at >= text.length) throw new JsonSyntaxError('EOF')
  return readValue(cursor)
}

function skipSpace(cursor: Cursor): void {
  while (' \t\r\n'.includes(cursor.text[cursor.at] ?? 'x')) cursor.at += 1
}

function peek(cursor: Cursor): string {
  skipSpace(cursor)
  const char = cursor.text[cursor.at]
  if (char === undefined) throw new JsonSyntaxError('unexpected EOF')
  return char
}

function refuse(char: string, where: string): never {
  const shown = char === "'" ? "'\\''" : char === '"' ? `'"'` : `'${JSON.stringify(char).slice(1, -1)}'`
  throw new JsonSyntaxError(`invalid character ${shown} ${where}`)
}

function readValue(cursor: Cursor): unknown {
  const char = peek(cursor)
  if (char === '{') return readObject(cursor)
  if (char === '[') return readArray(cursor)
  if (char === '"') return readString(cursor)
  if (char === '-' || (char >= '0' && char <= '9')) return readNumber(cursor)
  if (char === 't') return readWord(cursor, 'true', true)
  if (char === 'f') return readWord(cursor, 'false', false)
  if (char === 'n') return readWord(cursor, 'null', null)
  return refuse(char, 'looking for beginning of value')
}

function readObject(cursor: Cursor): Record<string, unknown> {
  // Without a prototype, so that `__proto__` is a key like any other.
  const object: Record<string, unknown> = Object.create(null)
  cursor.at += 1
  if (peek(cursor) === '}') {
    cursor.at += 1
    return object
  }
  for (;;) {
    const quote = peek(cursor)
    if (quote !== '"') refuse(quote, 'looking for beginning of object key string')
    const key = readString(cursor)
    const colon = peek(cursor)
    if (colon !== ':') refuse(colon, 'after object key')
    cursor.at += 1
    object[key] = readValue(cursor)
    const next = peek(cursor)
    cursor.at += 1
    if (next === '}') return object
    if (next !== ',') refuse(next, 'after object key:value pair')
  }
}

function readArray(cursor: Cursor): unknown[] {
  const items: unknown[] = []
  cursor.at += 1
  if (peek(cursor) === ']') {
    cursor.at += 1
    return items
  }
  for (;;) {
    items.push(readValue(cursor))
    const next = peek(cursor)
    cursor.at += 1
    if (next === ']') return items
    if (next !== ',') refuse(next, 'after array element')
  }
}

function readString(cursor: Cursor): string {
  const start = cursor.at
  cursor.at += 1
  for (;;) {
    const char = cursor.text[cursor.at]
    if (char === undefined) throw new JsonSyntaxError('unexpected EOF')
    if (char < ' ') refuse(char, 'in string literal')
    if (char === '\\') cursor.at += 1
    cursor.at += 1
    if (char === '"') break
  }
  try {
    return JSON.parse(cursor.text.slice(start, cursor.at)) as string
  } catch {
    throw new JsonSyntaxError('invalid character in string escape code')
  }
}

function readNumber(cursor: Cursor): number {
  const match = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/.exec(cursor.text.slice(cursor.at, cursor.at + 400))
  if (match === null) return refuse(cursor.text[cursor.at + 1] ?? ' ', 'in numeric literal')
  cursor.at += match[0].length
  return Number(match[0])
}

function readWord<T>(cursor: Cursor, word: string, value: T): T {
  for (const expected of word) {
    const char = cursor.text[cursor.at]
    if (char === undefined) throw new JsonSyntaxError('unexpected EOF')
    if (char !== expected) refuse(char, `in literal ${word} (expecting '${expected}')`)
    cursor.at += 1
  }
  return value
}
