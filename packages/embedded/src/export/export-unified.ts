import { randomBytes } from 'node:crypto'
import type { Dialect } from '../dialect/dialect.ts'
import type { StoredBlob } from '../store/store.ts'
import { type ByteRange, parseRange } from './parse-range.ts'

/** The file of a unified image, with ranges and 304 as Go's file server gives them. */
export function exportUnified(
  request: Request,
  dialect: Dialect,
  blob: StoredBlob,
  filename: string,
): Response {
  const modified = new Date(Math.floor(blob.modifiedAt.getTime() / 1000) * 1000)
  const headers = new Headers({
    ...dialect.exportHeaders,
    'content-disposition': `inline;filename=${filename}`,
    'last-modified': modified.toUTCString(),
  })
  const since = Date.parse(request.headers.get('if-modified-since') ?? '')
  if (modified.getTime() <= since) return new Response(null, { status: 304, headers })
  const ranges = parseRange(request.headers.get('range'), blob.size)
  if (ranges === 'unsatisfiable') return unsatisfiable(headers, blob.size, dialect.quirks.rangeErrorLies)
  headers.set('accept-ranges', 'bytes')
  headers.set('content-type', 'application/octet-stream')
  if (ranges === 'whole') {
    headers.set('content-length', String(blob.size))
    return new Response(blob.read(), { headers })
  }
  const [range] = ranges
  if (range === undefined || ranges.length > 1) return severalRanges(headers, blob, ranges)
  headers.set('content-length', String(range.end - range.start))
  headers.set('content-range', `bytes ${range.start}-${range.end - 1}/${blob.size}`)
  return new Response(blob.read(range.start, range.end), { status: 206, headers })
}

function unsatisfiable(headers: Headers, size: number, lies: boolean): Response {
  const text = 'invalid range: failed to overlap\n'
  headers.set('content-type', 'text/plain; charset=utf-8')
  headers.set('content-range', `bytes */${size}`)
  headers.set('x-content-type-options', 'nosniff')
  // T24: LXD announces the whole file and sends one line.
  headers.set('content-length', String(lies ? size : text.length))
  return new Response(text, { status: 416, headers })
}

function severalRanges(headers: Headers, blob: StoredBlob, ranges: readonly ByteRange[]): Response {
  const boundary = randomBytes(30).toString('hex')
  headers.set('content-type', `multipart/byteranges; boundary=${boundary}`)
  async function* body(): AsyncGenerator<Uint8Array> {
    for (const [index, { start, end }] of ranges.entries()) {
      const head = `--${boundary}\r\nContent-Range: bytes ${start}-${end - 1}/${blob.size}\r\nContent-Type: application/octet-stream\r\n\r\n`
      yield Buffer.from(index === 0 ? head : `\r\n${head}`)
      yield* blob.read(start, end)
    }
    yield Buffer.from(`\r\n--${boundary}--\r\n`)
  }
  return new Response(streamOf(body()), { status: 206, headers })
}

/** A stream that asks for the next chunk only when it is read. */
export function streamOf(chunks: AsyncIterator<Uint8Array>): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const step = await chunks.next()
        if (step.done === true) controller.close()
        else controller.enqueue(step.value)
      },
      async cancel() {
        await chunks.return?.()
      },
    },
    { highWaterMark: 0 },
  )
}
