export interface MultipartPart {
  name: string
  filename: string
  /** Undefined where it is not known; then the whole has no length either. */
  size: number | undefined
  open(): ReadableStream<Uint8Array> | Promise<ReadableStream<Uint8Array>>
}

/** A `multipart/form-data` body whose parts are opened one after the other and never held. */
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
  let current: ReadableStreamDefaultReader<Uint8Array> | undefined
  async function* chunks(): AsyncGenerator<Uint8Array, void> {
    for (const [index, part] of parts.entries()) {
      const head = heads[index]
      if (head) yield head
      const reader = (await part.open()).getReader()
      current = reader
      let ended = false
      try {
        for (;;) {
          const { done, value } = await reader.read()
          if (done) break
          yield value
        }
        if (cancelled) return
        ended = true
      } finally {
        if (!ended) await reader.cancel().catch(() => {})
      }
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
        // A part that stands still would keep the generator from ending.
        await current?.cancel(reason).catch(() => {})
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
