import { once } from 'node:events'
import https from 'node:https'
import net, { type AddressInfo } from 'node:net'
import { type AddressSwitch, createTransport, type TransportOptions } from '@hyperkit/connect'
import type { Transport } from '@hyperkit/core'
import { afterEach, expect, onTestFinished, test, vi } from 'vitest'
import { WebSocketServer } from 'ws'
import { toEndpoints, type UrlEndpoint } from '../src/transport/endpoint.ts'
import { createFailoverTransport } from '../src/transport/failover.ts'
import { failureOf, other, own, secure, send, until } from './open-transport.ts'
import { echo, type Served, serveHttps } from './serve.ts'

afterEach(() => void vi.useRealTimers())

/** For as long as the test may take. */
const patiently = { timeout: 60_000 }

/** A server that says in each answer which one it is, and what it received. */
const member = (name: string, certificate = own, port = 0): Promise<Served> =>
  serveHttps(
    certificate,
    async (request, response) => {
      let body = ''
      for await (const piece of request) body += piece
      // A kept connection that breaks is a lost answer, not an address that makes no connections.
      response.setHeader('connection', 'close')
      response.end(`${name} ${request.method} ${request.url} ${body}`.trim())
    },
    port,
  )

/** The URL of a port at which nothing listens. */
async function refusing(): Promise<string> {
  const served = await serveHttps(own, echo)
  await served[Symbol.asyncDispose]()
  return served.url
}

const portOf = ({ server }: Served): number => (server.address() as AddressInfo).port

async function open(url: string[], more: object = {}): Promise<Transport> {
  const options = { url, name: 'prod', serverCertificate: own.fingerprint, environment: {}, ...more }
  const transport = await createTransport(options as TransportOptions)
  onTestFinished(() => transport.close())
  return transport
}

const textOf = async (transport: Transport, path: string, init = {}): Promise<string> =>
  (await send(transport, path, init)).text()

test('a request goes to the next address if the first refuses connections, with its body', async () => {
  const [dead, b] = [await refusing(), await until(member('b'))]
  const switches: AddressSwitch[] = []
  const transport = await open([dead, b.url], { onSwitch: (change: AddressSwitch) => switches.push(change) })
  const init = {
    method: 'POST',
    headers: new Headers({ 'content-type': 'application/json' }),
    body: '{"a":1}',
  }
  expect(await textOf(transport, '/1.0/images?project=p', init)).toBe('b POST /1.0/images?project=p {"a":1}')
  expect(switches).toMatchObject([{ server: 'prod', from: dead, to: b.url, why: 'no-answer' }])
  expect(switches[0]?.reason).toMatch(/ECONNREFUSED|refused/)
  expect(transport.addresses).toMatchObject({ origins: [dead, b.url] })
  expect(transport.addresses?.current()).toBe(b.url)
})

test('the JSON of a Request is sent again whole when the address in use has gone', async () => {
  const [a, b] = [await member('a'), await until(member('b'))]
  const transport = await open([a.url, b.url])
  expect(await textOf(transport, '/1.0')).toBe('a GET /1.0')
  await a[Symbol.asyncDispose]()
  const request = new Request(`${transport.origin}/1.0/images/aliases`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"name":"x"}',
  })
  expect(await (await transport.fetch(request)).text()).toBe('b POST /1.0/images/aliases {"name":"x"}')
})

test('a stream is sent to the address that answers, and never twice', async () => {
  const [dead, b] = [await refusing(), await member('b')]
  const transport = await open([dead, b.url])
  const body = () => new Blob(['bytes']).stream()
  const init = () => ({ method: 'POST', body: body(), duplex: 'half', headers: new Headers() }) as const
  expect(await textOf(transport, '/1.0/images', init())).toBe('b POST /1.0/images bytes')
  await b[Symbol.asyncDispose]()
  const failure = await failureOf(textOf(transport, '/1.0/images', init()))
  expect(String(failure)).toContain(new URL(b.url).host)
})

test('a request whose answer is lost is not sent to another address; the next request is', async () => {
  const asked: string[] = []
  const a = await serveHttps(own, (request, response) => {
    asked.push(`a ${request.url}`)
    if (request.url === '/1.0') response.end('a')
    else void a[Symbol.asyncDispose]()
  })
  const b = await until(
    serveHttps(own, (request, response) => {
      asked.push(`b ${request.url}`)
      response.end('b')
    }),
  )
  const transport = await open([a.url, b.url])
  const failure = await failureOf(send(transport, '/1.0/change', { method: 'PUT' }))
  expect(String(failure)).toContain(a.url)
  expect(await textOf(transport, '/1.0/look')).toBe('b')
  expect(asked).toEqual(['a /1.0', 'a /1.0/change', 'b /1.0', 'b /1.0/look'])
})

test('an address with another certificate than the pinned one is refused, and both are named', async () => {
  const [dead, wrong] = [await refusing(), await until(member('wrong', other))]
  const transport = await open([dead, wrong.url])
  const failure = await failureOf(send(transport, '/1.0'))
  expect(failure).toMatchObject({
    code: 'certificate-changed',
    expected: own.fingerprint,
    actual: other.fingerprint,
  })
  expect((failure as Error).message).toContain(`"${wrong.url}" shows the certificate ${other.fingerprint}`)
  expect((failure as Error).message).toContain(own.fingerprint)
})

test('without a pin, all addresses must show the certificate that the first one showed', async () => {
  const a = await member('a')
  const [wrong, same] = [await until(member('wrong', other)), await until(member('same'))]
  const unpinned = {
    serverCertificate: undefined,
    certificateAuthority: `${own.certificate}\n${other.certificate}`,
  }
  const mixed = await open([a.url, wrong.url], unpinned)
  const alike = await open([a.url, same.url], unpinned)
  for (const transport of [mixed, alike]) expect(await textOf(transport, '/1.0')).toBe('a GET /1.0')
  await a[Symbol.asyncDispose]()
  const failure = await failureOf(send(mixed, '/1.0'))
  expect(failure).toMatchObject({
    code: 'certificate-changed',
    expected: own.fingerprint,
    actual: other.fingerprint,
  })
  expect((failure as Error).message).toContain(`"${wrong.url}" shows`)
  expect((failure as Error).message).toContain(`was shown by "${a.url}"`)
  expect(await textOf(alike, '/1.0')).toBe('same GET /1.0')
})

test('without a pin, an untrusted certificate is refused with its fingerprint', async () => {
  const a = await secure()
  const transport = await open([a.url, await refusing()], { serverCertificate: undefined })
  expect(await failureOf(send(transport, '/1.0'))).toMatchObject({
    code: 'certificate-rejected',
    message: expect.stringContaining(own.fingerprint),
  })
})

test('a cluster whose certificate was renewed is used on if the authorities trust the new one', async () => {
  const a = await member('a')
  const port = portOf(a)
  const unpinned = {
    serverCertificate: undefined,
    certificateAuthority: `${own.certificate}\n${other.certificate}`,
  }
  const transport = await open([a.url, await refusing()], unpinned)
  expect(await textOf(transport, '/1.0')).toBe('a GET /1.0')
  await a[Symbol.asyncDispose]()
  await until(member('renewed', other, port))
  expect(await textOf(transport, '/1.0')).toBe('renewed GET /1.0')
})

test('the connections that a renewed certificate has replaced are closed with the transport', async () => {
  const a = await member('a')
  const port = portOf(a)
  const unpinned = { certificateAuthority: `${own.certificate}\n${other.certificate}`, environment: {} }
  const endpoints = toEndpoints({ url: [a.url, await refusing()], ...unpinned })
  let [opened, closed] = [0, 0]
  const transport = createFailoverTransport(endpoints as [UrlEndpoint, ...UrlEndpoint[]], {
    async open({ origin, serverCertificate = '' }) {
      opened++
      const one = await createTransport({ url: origin, serverCertificate, environment: {} })
      const close = (): void => {
        closed++
        one.close()
      }
      return { ...one, close }
    },
  })
  onTestFinished(() => transport.close?.())
  expect(await textOf(transport, '/1.0')).toBe('a GET /1.0')
  await a[Symbol.asyncDispose]()
  await until(member('renewed', other, port))
  expect(await textOf(transport, '/1.0')).toBe('renewed GET /1.0')
  transport.close?.()
  expect([opened, closed]).toEqual([2, 2])
})

test('if no address answers, one error lists each with its reason', async () => {
  const urls = [await refusing(), await refusing()]
  const failure = String(await failureOf(send(await open(urls), '/1.0')))
  for (const url of urls) expect(failure).toMatch(new RegExp(`${url}: .*(ECONNREFUSED|refused)`))
})

test('an address that accepts a connection and stays silent is left for the next after 2 seconds', async () => {
  let accept: () => void = () => undefined
  const accepted = new Promise<void>((resolve) => {
    accept = resolve
  })
  const sockets = new Set<net.Socket>()
  const silent = net.createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    accept()
  })
  silent.listen(0, '127.0.0.1')
  await once(silent, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    silent.close()
  })
  const b = await until(member('b'))
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const reasons: string[] = []
  const transport = await open([`https://127.0.0.1:${(silent.address() as AddressInfo).port}`, b.url], {
    onSwitch: ({ reason }: AddressSwitch) => reasons.push(reason),
  })
  const answer = textOf(transport, '/1.0')
  await accepted
  await vi.advanceTimersByTimeAsync(2_000)
  vi.useRealTimers()
  expect(await answer).toBe('b GET /1.0')
  expect(reasons).toEqual(['no connection within 2 s'])
})

test('the first address is used again once it works, which is tried every 30 seconds', async () => {
  const [dead, b] = [await refusing(), await until(member('b'))]
  let isStarting = true
  const asked: string[] = []
  let now = 0
  const switches: string[] = []
  const endpoints = toEndpoints({ url: [dead, b.url], serverCertificate: own.fingerprint, environment: {} })
  const transport = createFailoverTransport(endpoints as [UrlEndpoint, ...UrlEndpoint[]], {
    clock: () => now,
    open: ({ origin }) =>
      createTransport({ url: origin, serverCertificate: own.certificate, environment: {} }),
    onSwitch: ({ to, why }) => switches.push(`${why} ${to}`),
  })
  onTestFinished(() => transport.close?.())
  expect(await textOf(transport, '/1.0')).toBe('b GET /1.0')
  const a = serveHttps(
    own,
    (request, response) => {
      asked.push(`${request.method} ${request.url}`)
      response.writeHead(isStarting ? 503 : 200, { connection: 'close' }).end('a')
    },
    Number(new URL(dead).port),
  )
  await until(a)
  now = 29_999
  expect(await textOf(transport, '/1.0')).toBe('b GET /1.0')
  expect(switches).toHaveLength(1)
  now = 30_000
  // It is tried beside the requests, which do not wait for it.
  await vi.waitFor(async () => {
    expect(await textOf(transport, '/1.0/look')).toBe('b GET /1.0/look')
    expect(asked).toEqual(['GET /1.0'])
  }, patiently)
  isStarting = false
  await vi.waitFor(async () => {
    now += 30_000
    expect(await textOf(transport, '/1.0/look')).toBe('a')
  }, patiently)
  expect(switches).toEqual([`no-answer ${b.url}`, `preferred ${dead}`])
})

test('an address that is not needed and shows another certificate is reported once, and no request fails', async () => {
  const [dead, b] = [await refusing(), await until(member('b'))]
  let now = 0
  const switches: AddressSwitch[] = []
  const endpoints = toEndpoints({ url: [dead, b.url], serverCertificate: own.fingerprint, environment: {} })
  const transport = createFailoverTransport(endpoints as [UrlEndpoint, ...UrlEndpoint[]], {
    clock: () => now,
    open: ({ origin }) =>
      createTransport({ url: origin, serverCertificate: own.certificate, environment: {} }),
    onSwitch: (change) => switches.push(change),
  })
  onTestFinished(() => transport.close?.())
  expect(await textOf(transport, '/1.0')).toBe('b GET /1.0')
  const wrong = await until(member('wrong', other, Number(new URL(dead).port)))
  let handshakes = 0
  wrong.server.on('connection', () => handshakes++)
  await vi.waitFor(async () => {
    now += 30_000
    expect(await textOf(transport, '/1.0')).toBe('b GET /1.0')
    expect(handshakes).toBeGreaterThan(2)
  }, patiently)
  expect(switches).toMatchObject([
    { from: dead, to: b.url, why: 'no-answer' },
    { from: dead, to: b.url, why: 'refused', reason: expect.stringContaining(other.fingerprint) },
  ])
})

test('an address in use that shows another certificate is left for one that shows the right one', async () => {
  const [a, b] = [await member('a'), await until(member('b'))]
  const switches: AddressSwitch[] = []
  const transport = await open([a.url, b.url], { onSwitch: (change: AddressSwitch) => switches.push(change) })
  expect(await textOf(transport, '/1.0')).toBe('a GET /1.0')
  const port = portOf(a)
  await a[Symbol.asyncDispose]()
  await until(member('wrong', other, port))
  expect(await textOf(transport, '/1.0')).toBe('b GET /1.0')
  expect(switches).toMatchObject([{ from: a.url, to: b.url, why: 'refused' }])
})

test('events are opened through the next address', async () => {
  const server = https.createServer({ key: own.key, cert: own.certificate }, (_request, response) =>
    response.end(),
  )
  const sockets = new WebSocketServer({ server })
  sockets.on('connection', (socket) => {
    socket.send('hello')
    socket.close(1000)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    sockets.close()
    server.close()
  })
  const transport = await open([
    await refusing(),
    `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
  ])
  const received: string[] = []
  const messages = await transport.openMessages?.('/1.0/events', { signal: undefined })
  for await (const message of messages ?? []) received.push(message)
  expect(received).toEqual(['hello'])
})

test('several addresses must be https, and a list of one is one address', async () => {
  for (const [url, words] of [
    [['https://a:8443', 'http://127.0.0.1:8080'], /through "http:\/\/127\.0\.0\.1:8080".*must be https/],
    [[], /"url" is an empty list/],
  ] as const) {
    const failure = await failureOf(createTransport({ url, environment: {} }))
    expect(failure).toMatchObject({ code: 'invalid-argument', message: expect.stringMatching(words) })
  }
  expect((await open(['https://a:8443', 'https://a:8443/'])).addresses).toBeUndefined()
})
