import { type Chunks, chunksOf } from './chunks-of.ts'

export interface MultipartPart {
  name: string
  filename: string
  /** Undefined if unknown; the whole body has no known length then either. */
  size: number | undefined
  open(): ReadableStream<Uint8Array> | Promise<ReadableStream<Uint8Array>>
}

/** A `multipart/form-data` body whose parts are opened one after the other and not held in memory. */
export function writeMultipart(parts: readonly MultipartPart[]): {
  body: ReadableStream<Uint8Array>
  contentType: string
  length: number | undefined
} {
  const boundary = `hyperkit-${crypto.randomUUID()}`
  const encoder = new TextEncoder()
  const heads = parts.map(({ name, filename }, index) =>
    encoder.encode(
      `${index === 0 ? '' : '\r\n'}--${boundary}\r\nContent-Disposition: form-data; name="${quoted(name)}"; filename="${quoted(filename)}"\r\nContent-Type: application/octet-stream\r\n\r\n`,
    ),
  )
  const tail = encoder.encode(`\r\n--${boundary}--\r\n`)
  const framing = heads.reduce((sum, head) => sum + head.byteLength, tail.byteLength)
  const sizes = parts.map(({ size }) => size)
  const length = sizes.reduce<number | undefined>(
    (sum, size) => (sum === undefined || size === undefined ? undefined : sum + size),
    framing,
  )

  let cancelled = false
  let current: Chunks | undefined
  async function* chunks(): AsyncGenerator<Uint8Array, void> {
    for (const [index, part] of parts.entries()) {
      const head = heads[index]
      if (head) yield head
      current = chunksOf(await part.open())
      yield* current
      if (cancelled) return
    }
    yield tail
  }

  const iterator = chunks()
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await iterator.next()
        if (done) controller.close()
        else controller.enqueue(value)
      },
      async cancel(reason) {
        cancelled = true
        // A part that hangs would keep the generator from ending.
        await current?.return(reason)
        await iterator.return()
      },
    },
    { highWaterMark: 0 },
  )
  return { body, contentType: `multipart/form-data; boundary=${boundary}`, length }
}

function quoted(text: string): string {
  return text.replace(/[\r\n"]/g, (character) => encodeURIComponent(character))
}
