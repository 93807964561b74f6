/** One part of a multipart body. */
export interface ReadPart {
  name: string
  /** Undefined if the part names no file. */
  filename: string | undefined
  /** To be read before the next part; what is left unread is skipped. */
  body: AsyncGenerator<Uint8Array, void>
}

/** The body ended before its last boundary. */
export class MultipartEndError extends Error {
  override readonly name = 'MultipartEndError'
  /** Whether not even the first boundary came. */
  readonly isBeforeFirst: boolean

  constructor(isBeforeFirst: boolean) {
    super('it ended before its last boundary')
    this.isBeforeFirst = isBeforeFirst
  }
}

/** The head of a part is longer than any that a server or a client sends, and may have no end. */
export class LongPartHeadError extends Error {
  override readonly name = 'LongPartHeadError'
  /** Makes it an answer that no server sends; see transport-failure.ts. */
  readonly code = 'ERR_INVALID_ANSWER'

  constructor() {
    super(`the head of a part is longer than ${mostHead / 1024} KiB`)
  }
}

/** Bytes of the head of a part; those of servers and clients have less than 1 KiB. */
const mostHead = 16 * 1024

/**
 * The boundary of a `Content-Type`; undefined if it is not multipart.
 *
 * @example
 * ```ts
 * console.log(boundaryOf('multipart/form-data; boundary=abc')) // abc
 * ```
 */
export function boundaryOf(contentType: string | null): string | undefined {
  if (contentType === null || !/^multipart\//i.test(contentType)) return undefined
  const match = /;\s*boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType)
  return match?.[1] ?? match?.[2]
}

/**
 * The parts of a multipart body, one after the other; none is held in memory.
 *
 * @throws {MultipartEndError} if the body ends before its closing boundary, in the part in which it ends
 * @throws {LongPartHeadError} if the head of a part is longer than 16 KiB
 *
 * @example
 * ```ts
 * const body = new Blob(['--abc\r\nContent-Disposition: form-data; name="rootfs"\r\n\r\nbytes\r\n--abc--\r\n']).stream()
 * for await (const part of readMultipart(chunksOf(body), 'abc')) console.log(part.name) // rootfs
 * ```
 */
export async function* readMultipart(
  chunks: AsyncIterable<Uint8Array>,
  boundary: string,
): AsyncGenerator<ReadPart, void> {
  const source = new Scanner(chunks)
  try {
    // The first boundary has no line break before it.
    source.prepend(encode('\r\n'))
    const delimiter = encode(`\r\n--${boundary}`)
    await skip(source.until(delimiter)).catch((error: unknown) => {
      throw error instanceof MultipartEndError ? new MultipartEndError(true) : error
    })
    for (;;) {
      const after = await source.line(mostHead)
      if (after.startsWith('--')) return
      const head = await readHead(source)
      const body = source.until(delimiter)
      yield { ...head, body }
      await skip(body)
    }
  } finally {
    await source.cancel()
  }
}

async function readHead(source: Scanner): Promise<Omit<ReadPart, 'body'>> {
  let disposition = ''
  for (let left = mostHead; ; ) {
    const line = await source.line(left)
    if (line === '')
      return { name: parameter(disposition, 'name') ?? '', filename: parameter(disposition, 'filename') }
    if (/^content-disposition:/i.test(line)) disposition ||= line
    left -= line.length + 2
  }
}

function parameter(header: string, name: string): string | undefined {
  const match = new RegExp(`;\\s*${name}=(?:"((?:[^"\\\\]|\\\\.)*)"|([^;\\s]*))`, 'i').exec(header)
  return (match?.[1]?.replace(/\\(.)/g, '$1') ?? match?.[2])?.trim()
}

async function skip(chunks: AsyncGenerator<Uint8Array, void>): Promise<void> {
  for await (const _ of chunks);
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

/** Reads chunks up to a delimiter, which may lie across two of them. */
class Scanner {
  #chunks: AsyncIterator<Uint8Array>
  #held: Uint8Array = new Uint8Array(0)

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]()
  }

  prepend(bytes: Uint8Array): void {
    this.#held = join(bytes, this.#held)
  }

  /** All before the delimiter, in pieces; the delimiter itself is consumed and not given. */
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

  /** @param most bytes of the longest line that is read */
  async line(most: number): Promise<string> {
    const pieces: Uint8Array[] = []
    let length = 0
    for await (const piece of this.until(encode('\r\n'))) {
      pieces.push(piece)
      length += piece.byteLength
      if (length > most) throw new LongPartHeadError()
    }
    return new TextDecoder().decode(pieces.reduce(join, new Uint8Array(0)))
  }

  async cancel(): Promise<void> {
    await this.#chunks.return?.()
  }

  async #more(): Promise<void> {
    const { done, value } = await this.#chunks.next()
    if (done) throw new MultipartEndError(false)
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
