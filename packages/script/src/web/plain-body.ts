import { Readable } from 'node:stream'
import type { PlainHeaders } from './plain-headers.ts'

/** What a body can be made of. */
export type BodySource =
  | ReadableStream<Uint8Array>
  | ArrayBuffer
  | ArrayBufferView<ArrayBuffer>
  | URLSearchParams
  | Blob
  | string
  | null
  | undefined

/** The half that `Request` and `Response` of the Fetch standard share, in plain JavaScript. */
export class PlainBody {
  readonly headers: PlainHeaders
  #source: Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | null
  #isUsed = false

  constructor(source: BodySource, headers: PlainHeaders) {
    this.headers = headers
    const { bytes, type } = readSource(source)
    this.#source = bytes
    if (type !== undefined && !headers.has('content-type')) headers.set('content-type', type)
  }

  /** A stream that is made when it is first wanted. */
  get body(): ReadableStream<Uint8Array> | null {
    if (this.#source instanceof Uint8Array) this.#source = streamOf(this.#source)
    return this.#source
  }

  get bodyUsed(): boolean {
    return this.#isUsed || (this.#source instanceof ReadableStream && isDisturbed(this.#source))
  }

  async bytes(): Promise<Uint8Array<ArrayBuffer>> {
    this.#checkUsable('read')
    const source = this.#source
    if (source === null) return new Uint8Array(0)
    this.#isUsed = true
    return source instanceof Uint8Array ? source.slice() : collect(source)
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    return (await this.bytes()).buffer
  }

  async blob(): Promise<Blob> {
    return new Blob([await this.bytes()], { type: this.headers.get('content-type') ?? '' })
  }

  async text(): Promise<string> {
    return new TextDecoder().decode(await this.bytes())
  }

  async json(): Promise<unknown> {
    return JSON.parse(await this.text())
  }

  /** The body for a clone; this one keeps the other half of it. */
  protected shareBody(): BodySource {
    this.#checkUsable('cloned')
    if (!(this.#source instanceof ReadableStream)) return this.#source
    const [own, other] = this.#source.tee()
    this.#source = own
    return other
  }

  /** The body for another one, which reads it from now on. */
  protected giveBody(): BodySource {
    this.#checkUsable('sent by another request')
    this.#isUsed = this.#source !== null
    return this.#source
  }

  #checkUsable(what: string): void {
    if (this.bodyUsed) throw new TypeError(`the body was read before, so it cannot be ${what}`)
    if (this.#source instanceof ReadableStream && this.#source.locked)
      throw new TypeError(`the body is locked by a reader, so it cannot be ${what}`)
  }
}

function readSource(source: BodySource): {
  bytes: Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | null
  type?: string
} {
  if (source === null || source === undefined) return { bytes: null }
  if (source instanceof ArrayBuffer) return { bytes: new Uint8Array(source.slice(0)) }
  if (ArrayBuffer.isView(source)) {
    const { buffer, byteOffset, byteLength } = source
    return { bytes: new Uint8Array(buffer, byteOffset, byteLength).slice() }
  }
  if (typeof source === 'string')
    return { bytes: new TextEncoder().encode(source), type: 'text/plain;charset=UTF-8' }
  if (source instanceof URLSearchParams) {
    const type = 'application/x-www-form-urlencoded;charset=UTF-8'
    return { bytes: new TextEncoder().encode(source.toString()), type }
  }
  if (source instanceof ReadableStream) {
    if (source.locked) throw new TypeError('the body is locked by a reader')
    if (isDisturbed(source)) throw new TypeError('the body was read before')
    return { bytes: source }
  }
  const { type } = source
  return { bytes: source.stream(), ...(type === '' ? {} : { type }) }
}

function streamOf(bytes: Uint8Array<ArrayBuffer>): ReadableStream<Uint8Array> {
  return new ReadableStream({
    type: 'bytes',
    start(controller) {
      if (bytes.byteLength > 0) controller.enqueue(bytes)
      controller.close()
    },
  })
}

async function collect(stream: ReadableStream<Uint8Array>): Promise<Uint8Array<ArrayBuffer>> {
  const pieces: Uint8Array[] = []
  const reader = stream.getReader()
  for (let next = await reader.read(); !next.done; next = await reader.read()) pieces.push(next.value)
  const whole = new Uint8Array(pieces.reduce((sum, { byteLength }) => sum + byteLength, 0))
  let at = 0
  for (const piece of pieces) {
    whole.set(piece, at)
    at += piece.byteLength
  }
  return whole
}

/** Whether somebody has read from a stream or cancelled it. */
function isDisturbed(stream: ReadableStream): boolean {
  // It knows streams of the web too, but its type does not say so.
  return Readable.isDisturbed(stream as unknown as Readable)
}
