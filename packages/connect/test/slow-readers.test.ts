import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from '@hyperkit/core'
import { type PieceSource, readPieces } from '@hyperkit/core/parts'
import { saveImage } from '@hyperkit/files'
import { expect, onTestFinished, test } from 'vitest'
import { open, pinned, secure, send, until } from './open-transport.ts'
import { serveHttp, serveSocket } from './serve.ts'

const mebibyte = 1024 * 1024

// No part is like another.
const image = Uint8Array.from({ length: 9 * mebibyte + 12_345 }, (_, at) => (at * 7 + (at >> 12)) % 251)
const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

async function readFrom(answer: Promise<Response>): Promise<PieceSource> {
  const { body } = await answer
  if (body === null) throw new Error('the answer has no body')
  return readPieces(body, 64 * 1024)
}

for (const length of ['declared', 'unknown'] as const) {
  // The second is as long as the pieces that fill up before the connection is paused.
  for (const size of [image.byteLength, 2 * mebibyte + 64 * 1024]) {
    test(`a reader that keeps every piece gets a whole body of ${size} bytes whose length is ${length}`, async () => {
      const bytes = image.subarray(0, size)
      const serve = (_request: IncomingMessage, answer: ServerResponse): void => {
        if (length === 'declared') answer.writeHead(200, { 'content-length': size })
        for (let from = 0; from < size; from += 77_777) answer.write(bytes.subarray(from, from + 77_777))
        answer.end()
      }
      const [served, socket] = [await secure(serve), await until(serveSocket(serve))]
      for (const options of [pinned(served), { socket: socket.path }]) {
        const source = await readFrom(send(await open(options), '/'))
        const hash = createHash('sha256')
        const kept: Uint8Array[] = []
        for (let next = await source.read(); !next.done; next = await source.read()) kept.push(next.value)
        for (const piece of kept) hash.update(piece)
        expect(hash.digest('hex')).toBe(hashOf(bytes))
      }
    })
  }
}

test('a reader that cancels a body after its connection was paused closes the connection', async () => {
  let closed: () => void = () => undefined
  const isClosed = new Promise<void>((resolve) => {
    closed = resolve
  })
  let waiting = (): number => 0
  const served = await secure((_request, answer) => {
    answer.on('close', () => closed())
    answer.writeHead(200, { 'content-length': 8 * image.byteLength })
    for (let time = 0; time < 8; time++) answer.write(image)
    waiting = () => answer.writableLength
  })
  const source = await readFrom(send(await open(pinned(served)), '/'))
  await source.read()
  // Until two looks in a row find that nothing more was sent.
  for (let before = -1; before !== waiting(); ) {
    before = waiting()
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  await source.cancel(new Error('enough'))
  await isClosed
  expect(await source.read()).toEqual({ done: true, value: undefined })
})

for (const size of [1.5 * mebibyte, 5 * mebibyte]) {
  test(`an image of ${size} bytes that arrives in small pieces and then in large ones is saved`, async () => {
    const bytes = image.subarray(0, size)
    const fingerprint = hashOf(bytes)
    const served = await until(serveHttp((request, answer) => void serveTrickle(request, answer, bytes)))
    const client = createClient({ transport: await open({ url: served.url }) })
    const directory = mkdtempSync(join(tmpdir(), 'hyperkit-trickle-'))
    onTestFinished(() => rmSync(directory, { recursive: true }))
    const saved = await saveImage(client, { fingerprint }, directory)
    expect(saved).toMatchObject({ fingerprint, size })
    expect(hashOf(readFileSync(join(directory, `${fingerprint}.tar`)))).toBe(fingerprint)
  })
}

/**
 * An image server of one image, on a link that is slow at first. A save gathers eight pieces for a write, so after eleven small ones it holds
 * three when the first large one arrives.
 */
async function serveTrickle(
  request: IncomingMessage,
  answer: ServerResponse,
  bytes: Uint8Array,
): Promise<void> {
  const path = request.url?.split('?')[0] ?? ''
  const fingerprint = hashOf(bytes)
  if (!path.endsWith('/export')) {
    const metadata = path.includes('/images/')
      ? { fingerprint, size: bytes.byteLength, type: 'container', architecture: 'x86_64', properties: {} }
      : { auth: 'trusted', api_extensions: [], environment: { server: 'incus' } }
    answer.writeHead(200, { 'content-type': 'application/json' })
    answer.end(JSON.stringify({ type: 'sync', status: 'Success', status_code: 200, metadata }))
    return
  }
  answer.writeHead(200, {
    'content-type': 'application/octet-stream',
    'content-length': bytes.byteLength,
    'content-disposition': 'attachment;filename=image.tar',
  })
  const small = 20_000
  let from = 0
  for (let piece = 0; piece < 11; piece++) {
    answer.write(bytes.subarray(from, from + small))
    from += small
    // Longer than a client waits for more, so that each arrives by itself; if some do not, the save has less to do.
    await new Promise((resolve) => setTimeout(resolve, 80))
  }
  answer.end(bytes.subarray(from))
}
