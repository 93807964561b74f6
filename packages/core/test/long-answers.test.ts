import { describe, expect, test } from 'vitest'
import { type Client, createClient, isHyperkitError, openSimplestreams } from '../src/index.ts'
import { lxdServer, scriptedTransport, sync } from './scripted-transport.ts'

const fingerprint = 'a'.repeat(64)

/** A body without end; it counts what was taken of it. */
function endless(piece: string): { body: ReadableStream<Uint8Array>; taken(): number } {
  const bytes = new TextEncoder().encode(piece)
  let pulled = 0
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        pulled += bytes.byteLength
        controller.enqueue(bytes)
      },
    },
    { highWaterMark: 0 },
  )
  return { body, taken: () => pulled }
}

function clientOf(answer: () => Response, maxDocument?: number): Client {
  return createClient({
    transport: scriptedTransport((said) => (said.path === '/1.0' ? sync(lxdServer) : answer())),
    maxDocument,
  })
}

describe('an answer without end', () => {
  test.each([
    ['JSON', 200, 'application/json', '['],
    ['an error', 500, 'application/json', '{"type":"error","error":"'],
  ])('%s is read up to the limit, and the error names it', async (_, status, type, piece) => {
    const { body, taken } = endless(piece.padEnd(1000, ' '))
    const client = clientOf(() => new Response(body, { status, headers: { 'content-type': type } }), 50_000)
    const error = await client.images.get(fingerprint).catch((thrown: unknown) => thrown)
    expect(isHyperkitError(error, 'answer-too-long')).toBe(true)
    expect(String(error)).toContain(
      'on "scripted": the answer is longer than 50000 bytes, the limit for documents; if the server really has so much to say, set a higher limit (maxDocument, --max-document)',
    )
    expect(taken()).toBe(51_000)
  })

  test('a web page is read as far as it is shown', async () => {
    const { body, taken } = endless('<p>'.padEnd(1000, ' '))
    const client = clientOf(() => new Response(body, { headers: { 'content-type': 'text/html' } }))
    await expect(client.images.get(fingerprint)).rejects.toMatchObject({
      code: 'unexpected-answer',
      message: expect.stringContaining(
        'the answer is not from an LXD or Incus server (HTTP 200, text/html, "<p>',
      ),
    })
    expect(taken()).toBe(5000)
  })

  test('a list of simplestreams is read up to the limit', async () => {
    const { body, taken } = endless('['.padEnd(1000, ' '))
    const streams = openSimplestreams('https://streams.invalid', {
      fetch: async () => new Response(body),
      maxDocument: 3 * 1024 * 1024,
    })
    const error = await streams.list().catch((thrown: unknown) => thrown)
    expect(isHyperkitError(error, 'answer-too-long')).toBe(true)
    expect(String(error)).toContain('the answer is longer than 3 MiB')
    expect(taken()).toBeLessThan(3.1 * 1024 * 1024)
  })

  test('a client that raises the limit reads the same answer', async () => {
    const record = { fingerprint, properties: { description: 'x'.repeat(10_000) } }
    const answer = (): Response => sync(record)
    await expect(clientOf(answer, 10_000).images.get(fingerprint)).rejects.toMatchObject({
      code: 'answer-too-long',
    })
    expect((await clientOf(answer, 11_000).images.get(fingerprint)).fingerprint).toBe(fingerprint)
  })

  test.each([0, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY])('a limit of %d is refused', (maxDocument) => {
    expect(() => clientOf(() => sync({}), maxDocument)).toThrow('it must be a whole number of bytes above 0')
  })
})

describe('an encoded answer', () => {
  const encoded = (): Response => {
    const answer = sync({ fingerprint })
    answer.headers.set('content-encoding', 'gzip')
    return answer
  }

  test('is refused if the transport hands over the bytes that came', async () => {
    const error = await clientOf(encoded)
      .images.get(fingerprint)
      .catch((thrown: unknown) => thrown)
    expect(isHyperkitError(error, 'unexpected-answer')).toBe(true)
    expect(String(error)).toContain('the answer is encoded as "gzip"')
  })

  test('is read if the transport has decoded it', async () => {
    const transport = scriptedTransport(() => encoded())
    const client = createClient({ transport: { ...transport, decodes: true } })
    expect((await client.images.get(fingerprint)).fingerprint).toBe(fingerprint)
  })
})

describe('an export that is longer than its record', () => {
  const octets = { 'content-type': 'application/octet-stream' }

  test('of one file ends at the size of the record', async () => {
    const { body, taken } = endless('x'.repeat(1000))
    const client = clientOf(() => new Response(body, { headers: octets }))
    const file = await client.images.export(fingerprint, { size: 5000 })
    if (file.kind !== 'unified') throw new Error('it should be one file')
    const error = await file.body.pipeTo(new WritableStream()).catch((thrown: unknown) => thrown)
    expect(isHyperkitError(error, 'unexpected-answer')).toBe(true)
    expect(String(error)).toContain(
      'the server sends more than the 5000 bytes that the image has by its record',
    )
    expect(taken()).toBeLessThan(10_000)
  })

  test('of two files ends soon after the size of the record', async () => {
    const head = '--abc\r\nContent-Disposition: form-data; name="metadata"; filename="x"\r\n\r\n'
    const { body, taken } = endless(head.padEnd(1000, 'x'))
    const headers = { 'content-type': 'multipart/form-data; boundary=abc' }
    const file = await clientOf(() => new Response(body, { headers })).images.export(fingerprint, {
      size: 5000,
    })
    if (file.kind !== 'split') throw new Error('it should be two files')
    const read = async (): Promise<void> => {
      for await (const part of file.parts) await part.body.pipeTo(new WritableStream())
    }
    const error = await read().catch((thrown: unknown) => thrown)
    expect(isHyperkitError(error, 'unexpected-answer')).toBe(true)
    expect(taken()).toBeLessThan(5000 + 66 * 1024)
  })
})
