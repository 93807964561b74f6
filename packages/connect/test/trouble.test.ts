import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { endless, room, still } from './endless.ts'
import { failureOf, open, pinned, secure, send, until } from './open-transport.ts'
import { echo, serveHttp, serveSilence } from './serve.ts'

test('large bodies are received unchanged', async () => {
  const block = Buffer.alloc(1 << 20, 'x')
  const served = await secure(async (_request, response) => {
    for (let at = 0; at < 32; at++) if (!response.write(block)) await once(response, 'drain')
    response.end()
  })
  const hash = createHash('sha256')
  const answer = await send(await open(pinned(served)), '/')
  const reader = (answer.body as ReadableStream<Uint8Array>).getReader()
  for (let step = await reader.read(); !step.done; step = await reader.read()) hash.update(step.value)
  const wanted = createHash('sha256')
  for (let at = 0; at < 32; at++) wanted.update(block)
  expect(hash.digest('hex')).toBe(wanted.digest('hex'))
})

test('a reader can bring its own buffer, smaller or larger than the pieces that arrive', async (context) => {
  if ('Bun' in globalThis) context.skip('the bodies of Bun 1.4.5 are not byte streams')
  const content = new Uint8Array(1_000_003).map((_, at) => at * 7)
  const served = await secure((_request, response) => response.end(content))
  const transport = await open(pinned(served))
  for (const size of [1000, 65_536, 4_000_000]) {
    const reader = ((await send(transport, '/')).body as ReadableStream<Uint8Array>).getReader({
      mode: 'byob',
    })
    const came = new Uint8Array(content.byteLength)
    let at = 0
    let buffer = new Uint8Array(size)
    for (let step = await reader.read(buffer); !step.done; step = await reader.read(buffer)) {
      came.set(step.value, at)
      at += step.value.byteLength
      buffer = new Uint8Array(step.value.buffer)
    }
    expect([at, Buffer.compare(came, content)]).toEqual([content.byteLength, 0])
  }
})

test('a source can use the memory of its bytes again', async () => {
  const piece = new Uint8Array(200_000).fill(9)
  const bodies = [await secure(), await until(serveHttp(echo))]
  for (const served of bodies) {
    const transport = await open(served.url.startsWith('https') ? pinned(served) : { url: served.url })
    let sent = 0
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => (sent++ < 5 ? controller.enqueue(piece) : controller.close()),
    })
    const answer = await send(transport, '/', { method: 'POST', body, duplex: 'half' })
    expect(await answer.json()).toMatchObject({ bytes: 1_000_000 })
    expect(piece.byteLength).toBe(200_000)
  }
})

for (const framing of ['content-length', 'chunked']) {
  test(`a body with ${framing} that is cut off is an error`, async () => {
    const served = await secure((_request, response) => {
      response.writeHead(200, framing === 'chunked' ? {} : { 'content-length': '1000000' })
      response.write(Buffer.alloc(100_000), () => response.socket?.destroy())
    })
    const answer = await send(await open(pinned(served)), '/')
    expect(await failureOf(answer.arrayBuffer())).toBeInstanceOf(Error)
  })
}

test('a request whose connection is closed without an answer rejects', async () => {
  const served = await secure((request) => request.socket.destroy())
  const transport = await open(pinned(served))
  expect(await failureOf(send(transport, '/'))).toBeInstanceOf(Error)
  expect(
    await failureOf(send(transport, '/', { method: 'POST', body: endless().stream, duplex: 'half' })),
  ).toBeInstanceOf(Error)
})

test('a refusal during an upload is read, and the source is cancelled', async () => {
  const served = await secure((request, response) => {
    request.once('data', () => {
      response.writeHead(403, { connection: 'close', 'content-type': 'application/json' })
      response.end('{"error":"not authorized","error_code":403}')
    })
  })
  const source = endless()
  const answer = await send(await open(pinned(served)), '/', {
    method: 'POST',
    body: source.stream,
    duplex: 'half',
  })
  expect([answer.status, await answer.json()]).toEqual([403, { error: 'not authorized', error_code: 403 }])
  await source.cancelled
})

test('an upload rejects with the error of its source', async () => {
  const transport = await open(pinned(await secure()))
  const broken = new Error('the disk is gone')
  let sent = false
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (sent) throw broken
      sent = true
      controller.enqueue(new Uint8Array(1000))
    },
  })
  expect(await failureOf(send(transport, '/', { method: 'POST', body, duplex: 'half' }))).toBe(broken)
})

test('a request rejects with the reason of an abort before it, while sending, while waiting and while reading', async () => {
  const reason = new Error('enough')
  let arrived: () => void = () => undefined
  const served = await secure((request, response) => {
    if (request.url === '/body') return void response.write('some', () => arrived())
    request.once('data', () => arrived())
    if (request.method === 'GET') arrived()
  })
  const transport = await open(pinned(served))
  expect(await failureOf(send(transport, '/', { signal: AbortSignal.abort(reason) }))).toBe(reason)
  for (const [path, body] of [
    ['/wait', undefined],
    ['/up', endless()],
  ] as const) {
    const controller = new AbortController()
    const there = new Promise<void>((resolve) => {
      arrived = resolve
    })
    const init = body === undefined ? {} : { method: 'POST', body: body.stream, duplex: 'half' as const }
    const sending = failureOf(send(transport, path, { signal: controller.signal, ...init }))
    await there
    controller.abort(reason)
    expect(await sending).toBe(reason)
    await body?.cancelled
  }
  const controller = new AbortController()
  const answer = await send(transport, '/body', { signal: controller.signal })
  const reader = (answer.body as ReadableStream<Uint8Array>).getReader()
  await reader.read()
  controller.abort(reason)
  expect(await failureOf(reader.read())).toBe(reason)
})

test('cancelling an answer closes its connection', async () => {
  let closed: () => void = () => undefined
  const gone = new Promise<void>((resolve) => {
    closed = resolve
  })
  const served = await secure(async (_request, response) => {
    response.on('close', closed)
    const block = Buffer.alloc(65_536)
    while (!response.destroyed) if (!response.write(block)) await room(response)
  })
  const answer = await send(await open(pinned(served)), '/')
  await answer.body?.cancel()
  await gone
})

test('an answer is read no faster than its reader takes it', async () => {
  let written = 0
  const block = Buffer.alloc(65_536)
  const served = await secure(async (_request, response) => {
    while (!response.destroyed) {
      written++
      if (!response.write(block)) await room(response)
    }
  })
  const answer = await send(await open(pinned(served)), '/')
  const reader = (answer.body as ReadableStream<Uint8Array>).getReader()
  await reader.read()
  await still(() => written)
  expect(written).toBeLessThan(1024)
  await reader.cancel()
})

test('the source is read no faster than the server reads', async () => {
  const served = await until(serveSilence())
  const source = endless()
  const controller = new AbortController()
  const sending = failureOf(
    send(await open({ url: served.url }), '/', {
      method: 'POST',
      body: source.stream,
      duplex: 'half',
      signal: controller.signal,
    }),
  )
  await still(source.pulled)
  expect(source.pulled()).toBeLessThan(1024)
  controller.abort(new Error('done'))
  await sending
})
