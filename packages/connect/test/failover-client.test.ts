import { once } from 'node:events'
import type { RequestListener } from 'node:http'
import net, { type AddressInfo, type Socket } from 'node:net'
import { type AddressSwitch, type ConnectOptions, connect } from '@hyperkit/connect'
import type { Client } from '@hyperkit/core'
import { expect, onTestFinished, test } from 'vitest'
import { own, until } from './open-transport.ts'
import { serveHttps } from './serve.ts'

const envelope = (metadata: unknown): string =>
  JSON.stringify({ type: 'sync', status: 'Success', status_code: 200, operation: '', metadata })

const description = {
  api_extensions: [],
  api_status: 'stable',
  api_version: '1.0',
  auth: 'trusted',
  auth_methods: ['tls'],
  environment: { server: 'incus', server_version: '7.0.2', addresses: [] },
  config: {},
}

/** Answers as an Incus server without images. */
const answer: RequestListener = (request, response) => {
  response.setHeader('content-type', 'application/json')
  response.end(envelope(request.url?.startsWith('/1.0/images') ? [] : description))
}

/** A member of a cluster, which notes the requests that it gets. */
async function member(
  listener: RequestListener = answer,
  certificate = own,
  port = 0,
): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = []
  const served = serveHttps(
    certificate,
    (request, response) => {
      asked.push(`${request.method} ${request.url}`)
      listener(request, response)
    },
    port,
  )
  return { url: (await until(served)).url, asked }
}

/** A host that is off, as a client sees it: no byte comes, and no refusal. */
async function poweredOff(): Promise<string> {
  const sockets = new Set<Socket>()
  const server = net.createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function open(url: string[], more: Partial<ConnectOptions> = {}): Promise<Client> {
  const options = { url, serverCertificate: own.fingerprint, environment: {}, ...more }
  const client = await connect(options as ConnectOptions)
  onTestFinished(() => client[Symbol.asyncDispose]())
  return client
}

test('the first call of a client uses the next address if the host of the first is off', async () => {
  const [off, b] = [await poweredOff(), await member()]
  const switches: AddressSwitch[] = []
  const client = await open([off, b.url], { onSwitch: (change) => switches.push(change) })
  expect(await client.server()).toMatchObject({ version: '7.0.2' })
  expect(switches).toMatchObject([{ from: off, to: b.url, reason: 'no connection within 2 s' }])
  expect(b.asked).toEqual(['GET /1.0', 'GET /1.0'])
})

test('a member that is silent after the handshake is left, and reads go on at the next one', async () => {
  const [silent, b] = [await member(() => undefined), await member()]
  const reasons: string[] = []
  const client = await open([silent.url, b.url], {
    answerTimeout: 6_000,
    onSwitch: ({ reason }) => reasons.push(reason),
  })
  expect(await client.server()).toMatchObject({ version: '7.0.2' })
  expect(await client.request({ method: 'GET', path: '/1.0/images' })).toMatchObject({ metadata: [] })
  expect(reasons).toEqual(['no answer to GET /1.0 within 2 s'])
  expect(silent.asked).toEqual(['GET /1.0'])
  expect(b.asked).toEqual(['GET /1.0', 'GET /1.0', 'GET /1.0/images'])
})

test('an abort by the caller is not taken for silence of the member', async () => {
  const aborting = new AbortController()
  let asked = 0
  const a = await member((request, response) => {
    // The first request asks which server it is.
    if (++asked !== 2) return answer(request, response)
    aborting.abort(new Error('enough'))
  })
  const client = await open([a.url, (await member()).url], {
    onSwitch: () => expect.unreachable('no switch'),
  })
  await expect(client.server({ signal: aborting.signal })).rejects.toThrow('enough')
  await client.server()
  // After an abort it is asked again which server it is.
  expect(a.asked).toHaveLength(4)
})

test('a member that answers nothing while the cluster elects a leader is asked again', async () => {
  let isElecting = false
  const a = await member((request, response) => {
    if (request.url === '/1.0' && !isElecting) return answer(request, response)
    // The leader has died.
    isElecting = true
    request.socket.destroy()
  })
  let silent = 0
  const b = await member((request, response) => {
    if (!isElecting || silent > 0) return answer(request, response)
    silent++
  })
  const reasons: string[] = []
  const client = await open([a.url, b.url], { onSwitch: ({ reason }) => reasons.push(reason) })
  expect(await client.request({ method: 'GET', path: '/1.0/images' })).toMatchObject({ metadata: [] })
  expect([silent, reasons.length]).toEqual([1, 1])
}, 60_000)

test('a member that says that the cluster has no leader is asked again', async () => {
  let left = 1
  const electing: RequestListener = (request, response) => {
    if (left-- <= 0) return answer(request, response)
    response.writeHead(503, { 'content-type': 'application/json' })
    const error =
      'Failed getting identity details: Failed beginning transaction: failed to create dqlite connection: no available dqlite leader server found'
    response.end(JSON.stringify({ type: 'error', error, error_code: 503, metadata: null }))
  }
  const off = await member((request) => void request.socket.destroy())
  const b = await member(electing)
  const client = await open([off.url, b.url])
  expect(await client.request({ method: 'GET', path: '/1.0/images' })).toMatchObject({ metadata: [] })
  expect(b.asked).toEqual(['GET /1.0', 'GET /1.0', 'GET /1.0/images'])
})

/** Answers as a daemon that is starting. */
const starting: RequestListener = (_request, response) => {
  response.writeHead(503, { 'content-type': 'application/json' })
  response.end(
    JSON.stringify({ type: 'error', error: 'LXD daemon setup in progress', error_code: 503, metadata: null }),
  )
}

test('requests go to the next address while a member answers that it is starting', async () => {
  const [a, b] = [await member(starting), await member()]
  const reasons: string[] = []
  const client = await open([a.url, b.url], { onSwitch: ({ reason }) => reasons.push(reason) })
  await client.request({ method: 'PUT', path: '/1.0/images/x', json: { public: true } })
  expect(reasons).toEqual(['HTTP 503 to GET /1.0'])
  expect(a.asked).toEqual(['GET /1.0', 'PUT /1.0/images/x', 'GET /1.0'])
  expect(b.asked).toEqual(['GET /1.0', 'PUT /1.0/images/x'])
})

test('the answer 503 of a member that works is reported, and its request is sent to no other', async () => {
  const refuse: RequestListener = (request, response) =>
    request.url === '/1.0' ? answer(request, response) : starting(request, response)
  const [a, b] = [await member(refuse), await member()]
  const client = await open([a.url, b.url])
  const change = client.request({ method: 'PUT', path: '/1.0/images/x', json: { public: true } })
  await expect(change).rejects.toMatchObject({ code: 'unavailable' })
  expect(b.asked).toEqual([])
})

test('if every member is starting, the words of the last one are reported', async () => {
  const client = await open([(await member(starting)).url, (await member(starting)).url])
  await expect(client.server()).rejects.toThrow('LXD daemon setup in progress')
})

const described = (environment: object): RequestListener => {
  const metadata = { ...description, environment: { ...description.environment, ...environment } }
  return (request, response) => {
    response.setHeader('content-type', 'application/json')
    // A kept connection that breaks is a lost answer, not an address that makes no connections.
    response.setHeader('connection', 'close')
    response.end(envelope(request.url?.startsWith('/1.0/images') ? [] : metadata))
  }
}
const single = (name: string, addresses: string[]): RequestListener =>
  described({ server_clustered: false, server_name: name, addresses })
const clustered = (name: string): RequestListener => described({ server_clustered: true, server_name: name })

/** Reads through the first address, ends the server there, and reads again. */
async function readThroughBoth(first: RequestListener, second: RequestListener) {
  const a = await serveHttps(own, first)
  const b = await member(second)
  const client = await open([a.url, b.url], { name: 'prod' })
  const read = () => client.request({ method: 'GET', path: '/1.0/images' })
  await read()
  await a[Symbol.asyncDispose]()
  return { a: a.url, b, again: read() }
}

test.each([
  ['a server', single('a', ['10.0.0.1:8443']), 'another', single('b', ['10.0.0.2:8443'])],
  ['a server', single('a', ['10.0.0.1:8443']), 'its clone', single('a', ['10.0.0.2:8443'])],
  ['a member of a cluster', clustered('a'), 'a single server', single('b', ['10.0.0.2:8443'])],
  ['a single server', single('a', ['10.0.0.1:8443']), 'a member of a cluster', clustered('b')],
] as const)('$0 and $2 with one certificate are two servers', async (_a, first, _b, second) => {
  const { a, b, again } = await readThroughBoth(first, second)
  const failure = await again.catch((error: Error) => error)
  expect(failure).toMatchObject({ code: 'unexpected-answer' })
  for (const words of ['"prod"', a, b.url, 'members of one cluster'])
    expect((failure as Error).message).toContain(words)
  expect(b.asked.every((request) => request === 'GET /1.0')).toBe(true)
})

test.each([
  ['two members of a cluster', clustered('a'), clustered('b')],
  [
    'a single server that has lost an address',
    single('a', ['10.0.0.1:8443', '10.0.0.2:8443']),
    single('a', ['10.0.0.2:8443']),
  ],
])('%s are one server', async (_, first, second) => {
  const { b, again } = await readThroughBoth(first, second)
  expect(await again).toMatchObject({ metadata: [] })
  expect(b.asked).toEqual(['GET /1.0', 'GET /1.0/images'])
})
