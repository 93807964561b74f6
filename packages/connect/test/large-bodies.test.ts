import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createClient, TransportError } from '@hyperkit/core'
import { readPieces } from '@hyperkit/core/parts'
import { expect, test } from 'vitest'
import { failureOf, open, pinned, secure, send, until } from './open-transport.ts'
import { type Served, serveHttp, serveSocket } from './serve.ts'

const mebibyte = 1024 * 1024

// Neither a multiple of a TLS record nor of a buffer, and no part is like another.
const image = Uint8Array.from({ length: 9 * mebibyte + 12_345 }, (_, at) => (at * 7 + (at >> 12)) % 251)
const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

function serveImage(request: IncomingMessage, answer: ServerResponse): void {
  if (request.url !== '/image') {
    answer.end(JSON.stringify({ port: request.socket.remotePort }))
    return
  }
  answer.writeHead(200, { 'content-length': image.byteLength })
  // The first bytes come with the head, others in pieces that fit nothing.
  for (let from = 0; from < image.byteLength; from += 77_777)
    answer.write(image.subarray(from, from + 77_777))
  answer.end()
}

interface Received {
  hash: string
  bytes: number
}

/** @param pause called after each piece, before it is given back */
async function receive(response: Response, pause: () => Promise<void> = async () => {}): Promise<Received> {
  if (response.body === null) throw new Error('the answer has no body')
  const source = readPieces(response.body, 64 * 1024)
  const hash = createHash('sha256')
  let bytes = 0
  for (let next = await source.read(); !next.done; next = await source.read()) {
    hash.update(next.value)
    bytes += next.value.byteLength
    await pause()
    source.giveBack([next.value])
  }
  return { hash: hash.digest('hex'), bytes }
}

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1))
const whole: Received = { hash: hashOf(image), bytes: image.byteLength }

for (const pause of [undefined, turn]) {
  const how = pause === undefined ? 'at once' : 'slowly'
  test(`a large body that is read ${how} in pieces arrives unchanged, over TLS and over a unix socket`, async () => {
    const [served, socket] = [await secure(serveImage), await until(serveSocket(serveImage))]
    for (const options of [pinned(served), { socket: socket.path }]) {
      const transport = await open(options)
      expect(await receive(await send(transport, '/image'), pause)).toEqual(whole)
      // The transport can be used on, and several bodies at once do not mix.
      const both = await Promise.all([send(transport, '/image'), send(transport, '/image')])
      expect(await Promise.all(both.map((response) => receive(response, pause)))).toEqual([whole, whole])
      expect((await send(transport, '/')).status).toBe(200)
    }
  })
}

test('the same body is the same as a web stream', async () => {
  const transport = await open(pinned(await secure(serveImage)))
  const bytes = await (await send(transport, '/image')).bytes()
  expect(hashOf(bytes)).toBe(whole.hash)
})

test('a small body that is read in pieces leaves its connection to the next request', async () => {
  const transport = await open(pinned(await secure(serveImage)))
  const ports: unknown[] = []
  for (let request = 0; request < 3; request++) {
    const response = await send(transport, '/')
    if (response.body === null) throw new Error('the answer has no body')
    const source = readPieces(response.body, 1024)
    const { value } = await source.read()
    ports.push(JSON.parse(new TextDecoder().decode(value)).port)
    await source.read()
  }
  expect(new Set(ports).size).toBe(1)
})

/** A server of one image that sends what `serve` writes. */
async function exportFrom(serve: (answer: ServerResponse) => void): Promise<Served> {
  return until(
    serveHttp((request, answer) => {
      if (request.url?.endsWith('/export')) return serve(answer)
      answer.writeHead(404, { 'content-type': 'application/json' })
      answer.end(JSON.stringify({ type: 'error', error: 'not found', error_code: 404 }))
    }),
  )
}

async function readExport(
  served: Served,
  options: { signal?: AbortSignal; size?: number } = {},
): Promise<Received> {
  const client = createClient({ transport: await open({ url: served.url }) })
  const file = await client.images.export('a'.repeat(64), options)
  if (file.kind !== 'unified') throw new Error('it is split')
  return receive(new Response(file.body))
}

const head = { 'content-type': 'application/octet-stream', 'content-length': image.byteLength }

test('an export of which the connection breaks off is interrupted, also after many bytes', async () => {
  const served = await exportFrom((answer) => {
    answer.writeHead(200, head)
    answer.write(image.subarray(0, 6 * mebibyte), () => answer.destroy())
  })
  expect(await failureOf(readExport(served))).toMatchObject({ code: 'interrupted' })
})

test('an export that is longer than its record ends with an error after as many bytes', async () => {
  const served = await exportFrom((answer) => {
    answer.writeHead(200, head)
    answer.end(image)
  })
  const error = await failureOf(readExport(served, { size: 5 * mebibyte }))
  expect(error).toBeInstanceOf(TransportError)
  expect((error as Error).message).toContain(`more than the ${5 * mebibyte} bytes`)
})

test('an abort ends an export of which nothing more arrives, and closes its connection', async () => {
  let closed: () => void = () => undefined
  const isClosed = new Promise<void>((resolve) => {
    closed = resolve
  })
  const controller = new AbortController()
  const served = await exportFrom((answer) => {
    answer.on('close', () => closed())
    answer.writeHead(200, head)
    answer.write(image.subarray(0, 6 * mebibyte), () =>
      setTimeout(() => controller.abort(new Error('enough')), 20),
    )
  })
  expect(await failureOf(readExport(served, { signal: controller.signal }))).toMatchObject({
    message: 'enough',
  })
  await isClosed
})

test('a body whose pieces are kept stops the server, and goes on when they are given back', async () => {
  let sent = 0
  const more = 64 * mebibyte
  const served = await until(
    serveHttp((_request, answer) => {
      answer.writeHead(200, { 'content-length': more })
      const piece = new Uint8Array(256 * 1024)
      const go = (): void => {
        while (sent < more) {
          sent += piece.byteLength
          if (!answer.write(piece)) {
            answer.once('drain', go)
            return
          }
        }
        answer.end()
      }
      go()
    }),
  )
  const transport = await open({ url: served.url })
  const { body } = await send(transport, '/')
  if (body === null) throw new Error('the answer has no body')
  const source = readPieces(body, 256 * 1024)
  let received = (await source.read()).value?.byteLength ?? 0
  // Until two looks in a row find that nothing more was sent.
  for (let before = -1; before !== sent; ) {
    before = sent
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  expect(sent).toBeLessThan(more)
  for (let next = await source.read(); !next.done; next = await source.read()) {
    received += next.value.byteLength
    source.giveBack([next.value])
  }
  expect(received).toBe(more)
})
