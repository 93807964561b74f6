import type { TransportOptions } from '@hyperkit/connect'
import { expect, test } from 'vitest'
import { failureOf, open, own, pinned, secure, send, until } from './open-transport.ts'
import { echo, serveHttps, serveSocket } from './serve.ts'

test('a Request object is sent like a URL with init', async () => {
  const transport = await open(pinned(await secure()))
  const headers = { 'x-thing': 'a b' }
  const one = await transport.fetch(
    new Request(`${transport.origin}/x`, { method: 'PUT', body: '{"a":1}', headers, redirect: 'error' }),
  )
  const two = await send(transport, '/x', { method: 'PUT', body: '{"a":1}', headers: new Headers(headers) })
  for (const answer of [one, two]) {
    expect(await answer.json()).toMatchObject({
      method: 'PUT',
      url: '/x',
      bytes: 7,
      headers: { 'x-thing': 'a b' },
    })
  }
})

test('a bearer token, or that of a function, is sent with each request', async () => {
  const served = await secure()
  let asked = 0
  for (const token of ['T0', () => `T${++asked}`, async () => `T${++asked}`]) {
    const transport = await open({ ...pinned(served), token } as TransportOptions)
    expect(await (await send(transport, '/')).json()).toMatchObject({
      headers: { authorization: `Bearer T${asked}` },
    })
  }
})

test('consecutive requests share one connection', async () => {
  const transport = await open(pinned(await secure()))
  const ports = new Set<number>()
  for (let at = 0; at < 5; at++) {
    ports.add(
      ((await (await send(transport, '/', { method: 'POST', body: '{}' })).json()) as { port: number }).port,
    )
  }
  expect(ports.size).toBe(1)
})

test('a stream is sent whole, with the content-length that was given or without one', async () => {
  const transport = await open(pinned(await secure()))
  const stream = (): ReadableStream<Uint8Array> => {
    let left = 20
    return new ReadableStream({
      pull: (controller) =>
        left-- > 0 ? controller.enqueue(new Uint8Array(100_000).fill(left)) : controller.close(),
    })
  }
  const stated = await send(transport, '/', {
    method: 'POST',
    body: stream(),
    headers: new Headers({ 'content-length': '2000000' }),
    duplex: 'half',
  })
  expect(await stated.json()).toMatchObject({ bytes: 2_000_000, headers: { 'content-length': '2000000' } })
  const chunked = await send(transport, '/', { method: 'POST', body: stream(), duplex: 'half' })
  expect(await chunked.json()).toMatchObject({
    bytes: 2_000_000,
    headers: { 'transfer-encoding': 'chunked' },
  })
})

test('each character of a header is sent as one byte, with a body and without one', async () => {
  const transport = await open(pinned(await secure()))
  const headers = new Headers({ 'x-bytes': 'Gr\u00c3\u00b6\u00c3\u009fe' })
  for (const body of [undefined, 'text', new Blob(['stream']).stream()]) {
    const init = body === undefined ? { method: 'GET' } : { method: 'POST', body, duplex: 'half' as const }
    const answer = await send(transport, '/', { ...init, headers })
    expect(await answer.json()).toMatchObject({ headers: { 'x-bytes': headers.get('x-bytes') } })
  }
})

test('status, headers and text of an answer arrive, and answers without a body have none', async () => {
  const transport = await open(
    pinned(
      await secure((request, response) => {
        const status = Number(request.url?.slice(1))
        response
          .writeHead(status, { etag: '"e"', 'x-two': 'b' })
          .end(status === 404 ? '{"error":"no"}' : undefined)
      }),
    ),
  )
  const missing = await send(transport, '/404')
  expect([missing.status, missing.ok, missing.headers.get('etag'), await missing.json()]).toEqual([
    404,
    false,
    '"e"',
    { error: 'no' },
  ])
  expect(missing.url).toBe(`${transport.origin}/404`)
  for (const status of [204, 304]) {
    const empty = await send(transport, `/${status}`)
    expect([empty.status, await empty.text()]).toEqual([status, ''])
  }
  expect((await send(transport, '/200', { method: 'HEAD' })).status).toBe(200)
  expect((await send(transport, '/200')).status).toBe(200)
})

test('a request to a port on which nothing listens rejects with the code of the system', async () => {
  const served = await serveHttps(own, echo)
  await served[Symbol.asyncDispose]()
  const error = await failureOf(
    send(await open({ url: served.url, serverCertificate: own.certificate }), '/'),
  )
  expect(JSON.stringify([error, String(error), (error as Error).cause])).toMatch(/ECONNREFUSED|refused/i)
})

test('a unix socket serves requests too', async () => {
  const { path } = await until(serveSocket(echo))
  const transport = await open({ socket: path })
  expect(transport.name).toBe(path)
  const body = new Blob([new Uint8Array(300_000)]).stream()
  expect(
    await (await send(transport, '/1.0/x', { method: 'POST', body, duplex: 'half' })).json(),
  ).toMatchObject({ url: '/1.0/x', bytes: 300_000 })
})
