const namePattern = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
const forbidden = /[\0\r\n]|[^\0-\xff]/

/** Whatever a header list can be made of. */
export type HeadersSource =
  | Iterable<readonly [string, string]>
  | Readonly<Record<string, string | undefined>>
  | undefined

/** `Headers` as the Fetch standard has it, in plain JavaScript. */
export class PlainHeaders {
  // By the name in small letters; only `set-cookie` can have several values.
  readonly #values = new Map<string, string[]>()

  constructor(source?: HeadersSource) {
    if (source === undefined) return
    if (source === null || typeof source !== 'object')
      throw new TypeError(
        `Headers: they are made of a record, of pairs or of other headers, not of ${String(source)}`,
      )
    const entries = Symbol.iterator in source ? source : Object.entries(source)
    for (const [name, value] of entries as Iterable<readonly [string, string]>) this.append(name, value)
  }

  append(name: string, value: string): void {
    const [key, text] = [readName(name), readValue(name, value)]
    const known = this.#values.get(key)
    if (known === undefined) this.#values.set(key, [text])
    else if (key === 'set-cookie') known.push(text)
    else known[0] = `${known[0]}, ${text}`
  }

  delete(name: string): void {
    this.#values.delete(readName(name))
  }

  get(name: string): string | null {
    return this.#values.get(readName(name))?.join(', ') ?? null
  }

  getSetCookie(): string[] {
    return [...(this.#values.get('set-cookie') ?? [])]
  }

  has(name: string): boolean {
    return this.#values.has(readName(name))
  }

  set(name: string, value: string): void {
    this.#values.set(readName(name), [readValue(name, value)])
  }

  forEach(each: (value: string, name: string, headers: PlainHeaders) => void, self?: unknown): void {
    for (const [name, value] of this) each.call(self, value, name, this)
  }

  *entries(): IterableIterator<[string, string]> {
    for (const name of [...this.#values.keys()].sort())
      for (const value of this.#values.get(name) ?? []) yield [name, value]
  }

  *keys(): IterableIterator<string> {
    for (const [name] of this.entries()) yield name
  }

  *values(): IterableIterator<string> {
    for (const [, value] of this.entries()) yield value
  }

  [Symbol.iterator](): IterableIterator<[string, string]> {
    return this.entries()
  }

  get [Symbol.toStringTag](): string {
    return 'Headers'
  }
}

function readName(name: string): string {
  const text = String(name)
  if (!namePattern.test(text)) throw new TypeError(`Headers: ${JSON.stringify(text)} is not a header name`)
  return text.toLowerCase()
}

function readValue(name: string, value: string): string {
  const text = String(value).replace(/^[\t\n\r ]+|[\t\n\r ]+$/g, '')
  if (forbidden.test(text)) throw new TypeError(`Headers: the value of "${name}" has an invalid character`)
  return text
}
