import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { chunksOf } from '../src/bytes/chunks-of.ts'
import { readMultipart } from '../src/bytes/read-multipart.ts'
import { writeMultipart } from '../src/bytes/write-multipart.ts'

function inPieces(bytes: Uint8Array, size: number): ReadableStream<Uint8Array> {
  let at = 0
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) return controller.close()
      controller.enqueue(bytes.slice(at, at + size))
      at += size
    },
  })
}

async function bytesOf(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  return new Uint8Array(await new Response(stream).arrayBuffer())
}

async function joined(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const held: Uint8Array[] = []
  for await (const chunk of chunks) held.push(chunk)
  return new Uint8Array(Buffer.concat(held))
}

function form(metadata: Uint8Array, rootfs: Uint8Array): ReturnType<typeof writeMultipart> {
  const part = (name: string, bytes: Uint8Array) => ({
    name,
    filename: `${name}.tar`,
    size: bytes.length,
    open: () => inPieces(bytes, 7),
  })
  return writeMultipart([part('metadata', metadata), part('rootfs', rootfs)])
}

describe('multipart bodies', () => {
  test('a split image comes back byte for byte, however it is cut into chunks and even if it contains boundaries', async () => {
    const nearBoundary = fc
      .array(fc.constantFrom(13, 10, 45, 104, 0, 255), { maxLength: 300 })
      .map((numbers) => Uint8Array.from(numbers))
    await fc.assert(
      fc.asyncProperty(
        nearBoundary,
        nearBoundary,
        fc.integer({ min: 1, max: 97 }),
        async (metadata, rootfs, size) => {
          const { body, contentType, length } = form(metadata, rootfs)
          const wire = await bytesOf(body)
          expect(wire.length).toBe(length)
          const boundary = contentType.split('boundary=')[1] ?? ''
          const seen: [string, string | undefined, Uint8Array][] = []
          for await (const part of readMultipart(chunksOf(inPieces(wire, size)), boundary)) {
            seen.push([part.name, part.filename, await joined(part.body)])
          }
          expect(seen).toEqual([
            ['metadata', 'metadata.tar', metadata],
            ['rootfs', 'rootfs.tar', rootfs],
          ])
        },
      ),
      { numRuns: 60 },
    )
  })

  test('a multipart body fails wherever it is cut off', async () => {
    const { body, contentType } = form(Uint8Array.of(1, 2, 3), Uint8Array.of(4, 5, 6))
    const wire = await bytesOf(body)
    const boundary = contentType.split('boundary=')[1] ?? ''
    const read = async (bytes: Uint8Array): Promise<void> => {
      for await (const part of readMultipart(chunksOf(inPieces(bytes, 5)), boundary)) await joined(part.body)
    }
    await read(wire)
    // The last two bytes are a line break after the closing boundary; a server may leave it out.
    for (let length = 0; length < wire.length - 4; length++) {
      await expect(read(wire.slice(0, length)), `cut at ${length}`).rejects.toThrow()
    }
  })

  test.each([
    ['one header', (): string => 'x'.repeat(1000)],
    ['many headers', (): string => 'x-more: 1\r\n'],
  ])('the head of a part that does not end, with %s, fails after 16 KiB', async (_, more) => {
    let sent = 0
    const body = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          const text = sent === 0 ? '--abc\r\nContent-Disposition: form-data; name="rootfs' : more()
          sent += text.length
          controller.enqueue(new TextEncoder().encode(text))
        },
      },
      { highWaterMark: 0 },
    )
    await expect(readMultipart(chunksOf(body), 'abc').next()).rejects.toThrow(
      'the head of a part is longer than 16 KiB',
    )
    expect(sent).toBeLessThan(20_000)
  })

  test('a multipart body can be abandoned after its first part', async () => {
    const { body, contentType } = form(Uint8Array.of(1), new Uint8Array(1000))
    const boundary = contentType.split('boundary=')[1] ?? ''
    let parts = 0
    for await (const _ of readMultipart(chunksOf(body), boundary)) {
      parts++
      break
    }
    expect(parts).toBe(1)
  })
})
