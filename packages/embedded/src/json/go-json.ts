import { createHash } from 'node:crypto'

/** JSON byte for byte as Go writes it: with sorted map keys and escaped `<`, `>` and `&`. */
export function goJson(value: unknown): string {
  return encode(value).replace(
    /[<>&\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** Marks an object whose keys keep their order: a struct, not a map. */
export class GoStruct {
  readonly fields: Readonly<Record<string, unknown>>

  constructor(fields: Readonly<Record<string, unknown>>) {
    this.fields = fields
  }
}

function encode(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(encode).join(',')}]`
  if (value instanceof GoStruct) return encodePairs(Object.entries(value.fields))
  if (typeof value === 'object' && value !== null) {
    const pairs = Object.entries(value)
    pairs.sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    return encodePairs(pairs)
  }
  return JSON.stringify(value)
}

function encodePairs(pairs: readonly (readonly [string, unknown])[]): string {
  return `{${pairs.map(([key, value]) => `${JSON.stringify(key)}:${encode(value)}`).join(',')}}`
}

/** The ETag that the daemons compute: SHA-256 over the JSON of these values and a newline. Checked on both. */
export function etagOf(value: unknown): string {
  return createHash('sha256')
    .update(`${goJson(value)}\n`)
    .digest('hex')
}
