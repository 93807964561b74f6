import type { RequestListener } from 'node:http'
import { type AddressSwitch, createTransport } from '@hyperkit/connect'
import type { Transport } from '@hyperkit/core'
import type { BearerToken } from '@hyperkit/core/parts'
import { expect, onTestFinished, test, vi } from 'vitest'
import { toEndpoints, type UrlEndpoint } from '../src/transport/endpoint.ts'
import { createFailoverTransport } from '../src/transport/failover.ts'
import { failureOf, own, send, until } from './open-transport.ts'
import { type Served, serveHttps } from './serve.ts'

/** For as long as the test may take. */
const patiently = { timeout: 60_000 }

interface Daemon {
  name: string
  addresses: string[]
  /** Instead of an answer of the daemon. */
  status?: number
  /** The token without which a client is not trusted. */
  token?: string
  /** What an untrusted client is answered. */
  stranger?: number
}

interface Server extends Served {
  asked: string[]
  daemon: Daemon
}

/** A single server, whose answers follow what is assigned to its daemon. */
async function serve(daemon: Daemon, port = 0): Promise<Server> {
  const asked: string[] = []
  const listener: RequestListener = (request, response) => {
    asked.push(`${request.method} ${request.url}`)
    const { name, addresses, token, stranger = 200 } = daemon
    const isTrusted = token === undefined || request.headers.authorization === `Bearer ${token}`
    const status = daemon.status ?? (isTrusted ? 200 : stranger)
    const environment = { server_clustered: false, server_name: name, addresses }
    const metadata = isTrusted ? { auth: 'trusted', environment } : { auth: 'untrusted' }
    response.writeHead(status, { 'content-type': 'application/json', connection: 'close' })
    response.end(status === 200 ? JSON.stringify({ type: 'sync', by: name, metadata }) : '{}')
  }
  const served = await serveHttps(own, listener, port)
  return Object.assign(served, { asked, daemon })
}

/** A transport to several addresses with a clock of its own. */
async function open(
  url: string[],
  token?: BearerToken,
): Promise<{ transport: Transport; clock: { now: number }; switches: AddressSwitch[] }> {
  const [clock, switches]: [{ now: number }, AddressSwitch[]] = [{ now: 0 }, []]
  const shared = { environment: {}, ...(token === undefined ? {} : { token }) }
  const endpoints = toEndpoints({ url, ...shared, serverCertificate: own.fingerprint })
  const transport = createFailoverTransport(endpoints as [UrlEndpoint, ...UrlEndpoint[]], {
    name: 'prod',
    clock: () => clock.now,
    open: ({ origin }) => createTransport({ url: origin, ...shared, serverCertificate: own.certificate }),
    onSwitch: (change) => switches.push(change),
  })
  onTestFinished(() => transport.close?.())
  return { transport, clock, switches }
}

/** Which server answers. */
async function whoAnswers(transport: Transport): Promise<string> {
  const answer = await send(transport, '/1.0/images')
  const text = await answer.text()
  return answer.status === 200 ? (JSON.parse(text) as { by: string }).by : String(answer.status)
}

test.each([500, 502, 504])(
  'a working address is not left for a preferred one that answers %i',
  async (status) => {
    const addresses = ['10.0.0.1:8443']
    const first = await serve({ name: 'a', addresses })
    const b = await until(serve({ name: 'a', addresses }))
    const { transport, clock, switches } = await open([first.url, b.url])
    expect(await whoAnswers(transport)).toBe('a')
    await first[Symbol.asyncDispose]()
    expect(await whoAnswers(transport)).toBe('a')
    const port = Number(new URL(first.url).port)
    const gateway = await until(serve({ name: 'a', addresses, status }, port))
    // The address is asked beside the requests, so the second look shows what followed from the first.
    await vi.waitFor(async () => {
      clock.now += 30_000
      expect(await whoAnswers(transport)).toBe('a')
      expect(gateway.asked.length).toBeGreaterThan(1)
    }, patiently)
    expect(new Set(gateway.asked)).toEqual(new Set(['GET /1.0']))
    expect(switches).toMatchObject([{ to: b.url, why: 'no-answer' }])
  },
)

test('a client that no address trusts goes back to a preferred address that answers 403', async () => {
  const daemon = { name: 'a', addresses: [], token: 'secret', stranger: 403 }
  const first = await serve(daemon)
  const b = await until(serve(daemon))
  const { transport, clock, switches } = await open([first.url, b.url])
  expect(await whoAnswers(transport)).toBe('403')
  await first[Symbol.asyncDispose]()
  expect(await whoAnswers(transport)).toBe('403')
  await until(serve(daemon, Number(new URL(first.url).port)))
  await vi.waitFor(async () => {
    clock.now += 30_000
    await whoAnswers(transport)
    expect(switches).toMatchObject([{ why: 'no-answer' }, { why: 'preferred' }])
  }, patiently)
})

test('a working address is not left for a preferred one that does not trust the client', async () => {
  const daemon = { name: 'a', addresses: ['10.0.0.1:8443'], token: 'secret' }
  const first = await serve(daemon)
  const b = await until(serve(daemon))
  const { transport, clock, switches } = await open([first.url, b.url], 'secret')
  expect(await whoAnswers(transport)).toBe('a')
  await first[Symbol.asyncDispose]()
  expect(await whoAnswers(transport)).toBe('a')
  const port = Number(new URL(first.url).port)
  const strange = await until(serve({ ...daemon, token: 'other', stranger: 401 }, port))
  await vi.waitFor(async () => {
    clock.now += 30_000
    expect(await whoAnswers(transport)).toBe('a')
    expect(strange.asked.length).toBeGreaterThan(1)
  }, patiently)
  expect(switches).toMatchObject([{ to: b.url, why: 'no-answer' }])
})

test('a first address at which only a gateway answers is not used', async () => {
  const gateway = await until(serve({ name: 'a', addresses: [], status: 502 }))
  const b = await until(serve({ name: 'b', addresses: [] }))
  const { transport, switches } = await open([gateway.url, b.url])
  expect(await whoAnswers(transport)).toBe('b')
  expect(switches).toMatchObject([{ from: gateway.url, reason: 'HTTP 502 to GET /1.0' }])
})

test('an address at which only a gateway answers any more is left by the next request', async () => {
  const addresses = ['10.0.0.1:8443']
  const [a, b] = [await until(serve({ name: 'a', addresses })), await until(serve({ name: 'a', addresses }))]
  const { transport } = await open([a.url, b.url])
  expect(await whoAnswers(transport)).toBe('a')
  a.daemon.status = 504
  // It may have been carried out, so it is not sent again.
  expect(await whoAnswers(transport)).toBe('504')
  expect(b.asked).toEqual([])
  expect(await whoAnswers(transport)).toBe('a')
  expect(b.asked).toEqual(['GET /1.0', 'GET /1.0/images'])
})

test('another server is refused to a client with a token too', async () => {
  const a = await serve({ name: 'a', addresses: ['10.0.0.1:8443'], token: 'secret' })
  const b = await until(serve({ name: 'b', addresses: ['10.0.0.2:8443'], token: 'secret' }))
  const { transport } = await open([a.url, b.url], () => 'secret')
  expect(await whoAnswers(transport)).toBe('a')
  await a[Symbol.asyncDispose]()
  expect(await failureOf(whoAnswers(transport))).toMatchObject({ code: 'unexpected-answer' })
  expect(b.asked).toEqual(['GET /1.0'])
})

test.each([200, 401])(
  'another server that refused a token with %i is refused once it accepts a renewed one',
  async (stranger) => {
    const a = await serve({ name: 'a', addresses: ['10.0.0.1:8443'], token: 'old' })
    const b = await until(serve({ name: 'b', addresses: ['10.0.0.2:8443'], token: 'new', stranger }))
    let token = 'old'
    const { transport } = await open([a.url, b.url], () => token)
    expect(await whoAnswers(transport)).toBe('a')
    await a[Symbol.asyncDispose]()
    // The refusal reaches the client, which renews the token.
    await whoAnswers(transport)
    expect(b.asked).toEqual(['GET /1.0', 'GET /1.0/images'])
    token = 'new'
    expect(await failureOf(whoAnswers(transport))).toMatchObject({ code: 'unexpected-answer' })
    expect(b.asked).toEqual(['GET /1.0', 'GET /1.0/images', 'GET /1.0'])
  },
)

test('a server that was starting at its first address is used at its second', async () => {
  const daemon = { name: 'a', addresses: ['10.0.0.1:8443'] }
  const starting = await until(serve({ ...daemon, status: 503 }))
  const b = await until(serve(daemon))
  const { transport } = await open([starting.url, b.url])
  expect(await whoAnswers(transport)).toBe('a')
  expect(b.asked).toEqual(['GET /1.0', 'GET /1.0/images'])
})

test('a server that shows no addresses is one server at both of its addresses', async () => {
  const a = await serve({ name: 'a', addresses: [] })
  const b = await until(serve({ name: 'a', addresses: [] }))
  const { transport } = await open([a.url, b.url])
  expect(await whoAnswers(transport)).toBe('a')
  await a[Symbol.asyncDispose]()
  expect(await whoAnswers(transport)).toBe('a')
  expect(b.asked).toEqual(['GET /1.0', 'GET /1.0/images'])
})

test('a server with another name is refused at an address that made no connections for a while', async () => {
  const addresses = ['10.0.0.1:8443']
  const a = await serve({ name: 'a', addresses })
  const unused = await serve({ name: 'a', addresses })
  await unused[Symbol.asyncDispose]()
  const { transport } = await open([a.url, unused.url])
  expect(await whoAnswers(transport)).toBe('a')
  await a[Symbol.asyncDispose]()
  await failureOf(whoAnswers(transport))
  const replaced = await until(serve({ name: 'b', addresses }, Number(new URL(a.url).port)))
  const failure = await failureOf(whoAnswers(transport))
  expect(failure).toMatchObject({ code: 'unexpected-answer' })
  expect((failure as Error).message).toContain(
    `"${a.url}" is now the single server "b", and was the single server "a" before`,
  )
  expect(replaced.asked).toEqual(['GET /1.0'])
})
