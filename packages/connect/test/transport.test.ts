import { createHash } from 'node:crypto'
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { createTransport, type TransportOptions } from '@hyperkit/connect'
import { CertificateChangedError, isHyperkitError, type Transport, type TransportInit } from '@hyperkit/core'
import type { SelfSignedCertificate } from '@hyperkit/embedded'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import {
  certificateOf,
  echo,
  type Served,
  serveGreeting,
  serveHttp,
  serveHttps,
  serveSilence,
  serveSocket,
} from './serve.ts'

let own: SelfSignedCertificate
let other: SelfSignedCertificate
let mine: SelfSignedCertificate
beforeAll(async () => {
  ;[own, other, mine] = await Promise.all([
    certificateOf('server'),
    certificateOf('other'),
    certificateOf('client'),
  ])
})

async function open(options: TransportOptions): Promise<Transport> {
  const transport = await createTransport({ environment: {}, ...options } as TransportOptions)
  onTestFinished(() => transport.close?.())
  return transport
}

async function until<T extends AsyncDisposable>(promise: Promise<T>): Promise<T> {
  const served = await promise
  onTestFinished(() => served[Symbol.asyncDispose]())
  return served
}

const secure = (listener: Parameters<typeof serveHttps>[1] = echo): Promise<Served> =>
  until(serveHttps(own, listener))
const pinned = (served: Served): TransportOptions => ({ url: served.url, serverCertificate: own.fingerprint })

function send(transport: Transport, path: string, init: Partial<TransportInit> = {}): Promise<Response> {
  return transport.fetch(`${transport.origin}${path}`, { redirect: 'error', ...init })
}

// A source that never runs dry, and tells when it is given up.
function endless(): { stream: ReadableStream<Uint8Array>; cancelled: Promise<unknown>; pulled(): number } {
  let pulled = 0
  let told: (reason: unknown) => void
  const cancelled = new Promise((resolve) => {
    told = resolve
  })
  const stream = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        await new Promise((resolve) => setImmediate(resolve))
        pulled++
        controller.enqueue(new Uint8Array(65_536).fill(7))
      },
      cancel: (reason) => told(reason),
    },
    { highWaterMark: 0 },
  )
  return { stream, cancelled, pulled: () => pulled }
}

// Resolves when a number has begun to grow and does not grow any more; one that never stops is for the test's own limit.
async function still(count: () => number): Promise<void> {
  let before = -1
  while (count() !== before || before <= 0) {
    before = count()
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

function room(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done).off('close', done)
      resolve()
    }
    response.on('drain', done).on('close', done)
  })
}

const failureOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => expect.unreachable('it should have failed'),
    (error: unknown) => error,
  )

describe('certificates', () => {
  test('a pinned certificate is accepted by fingerprint and by PEM', async () => {
    const served = await secure()
    for (const serverCertificate of [
      own.fingerprint,
      own.certificate,
      own.fingerprint.toUpperCase().replace(/..(?=.)/g, '$&:'),
    ]) {
      const transport = await open({ url: served.url, serverCertificate })
      expect(await (await send(transport, '/1.0?a=b')).json()).toMatchObject({ url: '/1.0?a=b' })
    }
  })

  test('the client certificate is shown', async () => {
    const served = await until(serveGreeting(own))
    const clientCertificate = { cert: mine.certificate, key: mine.key }
    const answer = await send(await open({ ...pinned(served), clientCertificate } as TransportOptions), '/')
    expect(await answer.text()).toBe('hello client')
  })

  test('another certificate than the pinned one stops with both fingerprints', async () => {
    const served = await secure()
    for (const serverCertificate of [other.fingerprint, other.certificate]) {
      const error = await failureOf(
        send(await open({ url: served.url, serverCertificate, name: 'prod' }), '/'),
      )
      expect(error).toBeInstanceOf(CertificateChangedError)
      expect(error).toMatchObject({ expected: other.fingerprint, actual: own.fingerprint, server: 'prod' })
    }
  })

  test('a certificate that changes under way is noticed', async () => {
    const before = await serveHttps(own, echo)
    const transport = await open(pinned(before))
    await (await send(transport, '/')).text()
    await before[Symbol.asyncDispose]()
    await until(serveHttps(other, echo, Number(new URL(before.url).port)))
    // The first request may still find the old connection, now closed.
    const errors = [await failureOf(send(transport, '/')), await failureOf(send(transport, '/'))]
    expect(errors.at(-1)).toBeInstanceOf(CertificateChangedError)
  })

  test('a self-signed certificate without a pin is refused, and the error shows its fingerprint', async () => {
    const error = await failureOf(send(await open({ url: (await secure()).url }), '/'))
    expect(isHyperkitError(error, 'certificate-rejected')).toBe(true)
    expect((error as Error).message).toContain(own.fingerprint)
  })

  test('nothing is sent to a server with the wrong certificate', async () => {
    let requests = 0
    const served = await secure((request, response) => {
      requests++
      echo(request, response)
    })
    await failureOf(
      send(await open({ url: served.url, serverCertificate: other.certificate, token: 'secret' }), '/'),
    )
    await failureOf(send(await open({ url: served.url, token: 'secret' }), '/'))
    expect(requests).toBe(0)
  })

  test('a plain HTTP server behind an https URL is an error, not an answer', async () => {
    const served = await until(serveHttp(echo))
    const url = served.url.replace('http:', 'https:')
    expect(
      await failureOf(send(await open({ url, serverCertificate: own.certificate }), '/')),
    ).toBeInstanceOf(Error)
    expect(
      await failureOf(send(await open({ url, serverCertificate: own.fingerprint }), '/')),
    ).toBeInstanceOf(Error)
  })

  test('a server that knows only TLS 1.2 is refused', async () => {
    const https = await import('node:https')
    const server = https.createServer({ key: own.key, cert: own.certificate, maxVersion: 'TLSv1.2' }, echo)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => void server.close())
    const { port } = server.address() as import('node:net').AddressInfo
    expect(
      await failureOf(
        send(await open({ url: `https://127.0.0.1:${port}`, serverCertificate: own.certificate }), '/'),
      ),
    ).toBeInstanceOf(Error)
  })
})

describe('requests', () => {
  test('a Request object and a URL with init are the same', async () => {
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

  test('a bearer token goes with each request, also from a function', async () => {
    const served = await secure()
    let asked = 0
    for (const token of ['T0', () => `T${++asked}`, async () => `T${++asked}`]) {
      const transport = await open({ ...pinned(served), token } as TransportOptions)
      expect(await (await send(transport, '/')).json()).toMatchObject({
        headers: { authorization: `Bearer T${asked}` },
      })
    }
  })

  test('one connection serves requests one after the other', async (context) => {
    if ('Bun' in globalThis)
      context.skip('Bun 1.4.5 makes a new connection for each request with a pinned certificate')
    const transport = await open(pinned(await secure()))
    const ports = new Set<number>()
    for (let at = 0; at < 5; at++) {
      ports.add(
        ((await (await send(transport, '/', { method: 'PUT', body: '{}' })).json()) as { port: number }).port,
      )
    }
    expect(ports.size).toBe(1)
  })

  test('a stream goes up whole, with the content-length that was stated and without one', async () => {
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

  test('each character of a header goes up as one byte, with a body and without one', async () => {
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

  test('a port where nothing listens is a rejection with the code of the system', async () => {
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
})

describe('trouble on the way', () => {
  test('large bodies come down unchanged', async () => {
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

  test('a reader may bring its own buffer, smaller or larger than what comes', async (context) => {
    if ('Bun' in globalThis) context.skip('the bodies of Bun 1.4.5 are no byte streams')
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

  test('the bytes that a source hands over stay its own', async () => {
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
    test(`a body cut in the middle is an error (${framing})`, async () => {
      const served = await secure((_request, response) => {
        response.writeHead(200, framing === 'chunked' ? {} : { 'content-length': '1000000' })
        response.write(Buffer.alloc(100_000), () => response.socket?.destroy())
      })
      const answer = await send(await open(pinned(served)), '/')
      expect(await failureOf(answer.arrayBuffer())).toBeInstanceOf(Error)
    })
  }

  test('a connection closed without an answer is a rejection', async () => {
    const served = await secure((request) => request.socket.destroy())
    const transport = await open(pinned(served))
    expect(await failureOf(send(transport, '/'))).toBeInstanceOf(Error)
    expect(
      await failureOf(send(transport, '/', { method: 'POST', body: endless().stream, duplex: 'half' })),
    ).toBeInstanceOf(Error)
  })

  test('a refusal during an upload is read, and the source is told to stop', async () => {
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

  test('a failure of the source is what the upload rejects with', async () => {
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

  test('an abort rejects with its reason: before, while sending, while waiting, while reading', async () => {
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

  test('giving up an answer closes its connection', async () => {
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
})
