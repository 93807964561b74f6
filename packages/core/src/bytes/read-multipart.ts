export interface ReadPart {
  name: string
  filename: string | undefined
  body: ReadableStream<Uint8Array>
}

/**
 * The parts of a `multipart/form-data` body, one after the other, never held.
 *
 * A body that ends before its closing boundary is an `interrupted` error, in the part where it ended.
 */
export async function* readMultipart(
  body: ReadableStream<Uint8Array>,
  boundary: string,
  failed: (error: unknown) => Error,
): AsyncGenerator<ReadPart, void> {
  const source = new Scanner(body)
  try {
    // The first boundary has no line break before it.
    source.prepend(encode('\r\n'))
    const delimiter = encode(`\r\n--${boundary}`)
    await drain(source.until(delimiter))
    for (;;) {
      const after = await source.line()
      if (after.startsWith('--')) return
      const { name, filename } = await readHead(source)
      const part = source.until(delimiter)
      yield { name, filename, body: asStream(part, failed) }
      await drain(part)
    }
  } catch (error) {
    throw failed(error)
  } finally {
    await source.cancel()
  }
}

async function readHead(source: Scanner): Promise<{ name: string; filename: string | undefined }> {
  let name = ''
  let filename: string | undefined
  for (let lines = 0; lines < 64; lines++) {
    const line = await source.line()
    if (line === '') return { name, filename }
    if (!/^content-disposition:/i.test(line)) continue
    name = /[; ]name="?([^";]*)"?/i.exec(line)?.[1] ?? ''
    filename = /filename="?([^";]*)"?/i.exec(line)?.[1]
  }
  throw new Error('the headers of a part have no end')
}

function asStream(
  chunks: AsyncGenerator<Uint8Array, void>,
  failed: (error: unknown) => Error,
): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await chunks.next()
          if (done) controller.close()
          else controller.enqueue(value)
        } catch (error) {
          controller.error(failed(error))
        }
      },
    },
    { highWaterMark: 0 },
  )
}

async function drain(chunks: AsyncGenerator<Uint8Array, void>): Promise<void> {
  for await (const _ of chunks);
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

/** Reads a stream up to a delimiter, which may lie across two chunks. */
class Scanner {
  #reader: ReadableStreamDefaultReader<Uint8Array>
  #held: Uint8Array = new Uint8Array(0)
  #ended = false

  constructor(body: ReadableStream<Uint8Array>) {
    this.#reader = body.getReader()
  }

  prepend(bytes: Uint8Array): void {
    this.#held = join(bytes, this.#held)
  }

  /** All before the delimiter, in pieces; the delimiter itself is taken and not given. */
  async *until(delimiter: Uint8Array): AsyncGenerator<Uint8Array, void> {
    for (;;) {
      const at = indexOf(this.#held, delimiter)
      if (at >= 0) {
        const before = this.#held.subarray(0, at)
        this.#held = this.#held.subarray(at + delimiter.byteLength)
        if (before.byteLength > 0) yield before
        return
      }
      // What may be the beginning of the delimiter is held back.
      const safe = this.#held.byteLength - (delimiter.byteLength - 1)
      if (safe > 0) {
        const before = this.#held.subarray(0, safe)
        this.#held = this.#held.subarray(safe)
        yield before
      }
      await this.#more()
    }
  }

  async line(): Promise<string> {
    const pieces: Uint8Array[] = []
    for await (const piece of this.until(encode('\r\n'))) pieces.push(piece)
    return new TextDecoder().decode(pieces.reduce(join, new Uint8Array(0)))
  }

  async cancel(): Promise<void> {
    if (!this.#ended) await this.#reader.cancel().catch(() => {})
  }

  async #more(): Promise<void> {
    const { done, value } = await this.#reader.read()
    if (done) {
      this.#ended = true
      throw new Error('it ended before its last boundary')
    }
    this.#held = join(this.#held, value)
  }
}

function join(first: Uint8Array, second: Uint8Array): Uint8Array {
  if (first.byteLength === 0) return second
  const whole = new Uint8Array(first.byteLength + second.byteLength)
  whole.set(first)
  whole.set(second, first.byteLength)
  return whole
}

/** Jumps from one candidate for the first byte to the next with the engine's own search. */
function indexOf(bytes: Uint8Array, wanted: Uint8Array): number {
  const [first = 0] = wanted
  const last = bytes.byteLength - wanted.byteLength
  for (let at = bytes.indexOf(first); at >= 0 && at <= last; at = bytes.indexOf(first, at + 1)) {
    let same = 1
    while (same < wanted.byteLength && bytes[at + same] === wanted[same]) same++
    if (same === wanted.byteLength) return at
  }
  return -1
}
