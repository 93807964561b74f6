/** One part of a multipart body. Its bytes must be read before the next part is requested. */
export interface MultipartPart {
  name: string
  /** Empty if the part has none. */
  filename: string
  body: AsyncIterable<Uint8Array>
}

/** The boundary of a Content-Type; `undefined` if it is not multipart. */
export function boundaryOf(contentType: string | null): string | undefined {
  if (contentType === null || !/^multipart\//i.test(contentType)) return undefined
  const match = /;\s*boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType)
  return match?.[1] ?? match?.[2]
}

/**
 * Reads a multipart body as it arrives, without holding a part in memory.
 *
 * @throws {Error} `EOF` if the body ends too early
 */
export async function* readMultipart(
  chunks: AsyncIterable<Uint8Array>,
  boundary: string,
): AsyncGenerator<MultipartPart> {
  const window = createWindow(chunks)
  const delimiter = Buffer.from(`\r\n--${boundary}`)
  // The first delimiter may be at the very start: an added line end makes it like the others.
  window.prepend(Buffer.from('\r\n'))
  try {
    await skipPreamble(window, delimiter)
    for (;;) {
      const end = await window.line()
      if (end.startsWith('--')) return
      const headers: string[] = []
      for (let line = await window.line(); line !== ''; line = await window.line()) headers.push(line)
      const body = window.until(delimiter)
      yield { ...readDisposition(headers), body }
      for await (const _rest of body) {
        // skips what the caller did not read
      }
    }
  } finally {
    await window.close()
  }
}

async function skipPreamble(window: Window, delimiter: Uint8Array): Promise<void> {
  try {
    for await (const _preamble of window.until(delimiter)) {
      // discarded
    }
  } catch (error) {
    throw new Error('multipart: NextPart: EOF', { cause: error })
  }
}

function readDisposition(headers: readonly string[]): { name: string; filename: string } {
  const disposition = headers.find((line) => /^content-disposition:/i.test(line)) ?? ''
  return { name: parameter(disposition, 'name'), filename: baseName(parameter(disposition, 'filename')) }
}

/** As in Go: the filename of a part never has a folder. */
function baseName(filename: string): string {
  return filename.split('/').filter(Boolean).pop() ?? ''
}

function parameter(header: string, name: string): string {
  const match = new RegExp(`;\\s*${name}=(?:"((?:[^"\\\\]|\\\\.)*)"|([^;\\s]*))`, 'i').exec(header)
  return (match?.[1]?.replace(/\\(.)/g, '$1') ?? match?.[2] ?? '').trim()
}

interface Window {
  prepend(bytes: Uint8Array): void
  /** Bytes up to the delimiter, which is consumed. */
  until(delimiter: Uint8Array): AsyncGenerator<Uint8Array>
  /** Text up to the next line end. */
  line(): Promise<string>
  close(): Promise<void>
}

function createWindow(chunks: AsyncIterable<Uint8Array>): Window {
  const iterator = chunks[Symbol.asyncIterator]()
  let held = Buffer.alloc(0)
  const more = async (): Promise<void> => {
    const step = await iterator.next()
    if (step.done === true) throw new Error('EOF')
    held = held.byteLength === 0 ? Buffer.from(step.value) : Buffer.concat([held, step.value])
  }
  return {
    prepend(bytes) {
      held = Buffer.concat([bytes, held])
    },
    async *until(delimiter) {
      for (;;) {
        const found = held.indexOf(delimiter)
        // The end of the buffer may be the start of the delimiter.
        const safe = found >= 0 ? found : Math.max(held.byteLength - delimiter.byteLength + 1, 0)
        const piece = held.subarray(0, safe)
        held = held.subarray(found >= 0 ? found + delimiter.byteLength : safe)
        if (piece.byteLength > 0) yield piece
        if (found >= 0) return
        await more()
      }
    },
    async line() {
      for (;;) {
        const end = held.indexOf('\r\n')
        if (end >= 0) {
          const text = held.subarray(0, end).toString('utf8')
          held = held.subarray(end + 2)
          return text
        }
        await more()
      }
    },
    async close() {
      await iterator.return?.()
    },
  }
}
