import { randomBytes } from 'node:crypto'
import type { Dialect } from '../dialect/dialect.ts'
import type { StoredBlob } from '../store/store.ts'
import { type ByteRange, parseRange } from './parse-range.ts'

/** The file of a unified image, with ranges and 304 as in Go's file server. */
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
  const parsed = parseRange(request.headers.get('range'), blob.size)
  const isSeveral = Array.isArray(parsed) && parsed.length > 1
  const ranges = isSeveral && dialect.severalRanges === 'whole' ? 'whole' : parsed
  if (ranges === 'malformed' || ranges === 'outside') return refuseRange(headers, ranges, blob.size, dialect)
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

function refuseRange(
  headers: Headers,
  why: 'malformed' | 'outside',
  size: number,
  dialect: Dialect,
): Response {
  const text = why === 'outside' ? 'invalid range: failed to overlap\n' : 'invalid range\n'
  headers.set('content-type', 'text/plain; charset=utf-8')
  if (why === 'outside') headers.set('content-range', `bytes */${size}`)
  headers.set('x-content-type-options', 'nosniff')
  // T24: LXD announces the whole file and sends one line.
  headers.set('content-length', String(dialect.rangeErrorLies ? size : text.length))
  return new Response(text, { status: 416, headers })
}

function severalRanges(headers: Headers, blob: StoredBlob, ranges: readonly ByteRange[]): Response {
  const boundary = randomBytes(30).toString('hex')
  headers.set('content-type', `multipart/byteranges; boundary=${boundary}`)
  const heads = ranges.map(({ start, end }, index) => {
    const range = `Content-Range: bytes ${start}-${end - 1}/${blob.size}`
    const lead = index === 0 ? '' : '\r\n'
    return `${lead}--${boundary}\r\n${range}\r\nContent-Type: application/octet-stream\r\n\r\n`
  })
  const tail = `\r\n--${boundary}--\r\n`
  async function* body(): AsyncGenerator<Uint8Array> {
    for (const [index, { start, end }] of ranges.entries()) {
      yield Buffer.from(heads[index] ?? '')
      yield* blob.read(start, end)
    }
    yield Buffer.from(tail)
  }
  const bytes = ranges.reduce((sum, { start, end }) => sum + end - start, 0)
  headers.set('content-length', String(bytes + heads.join('').length + tail.length))
  return new Response(streamOf(body()), { status: 206, headers })
}

/** A stream that pulls the next chunk only when it is read. */
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
