import { afterEach, describe, expect, test, vi } from 'vitest'
import { type Client, createClient, type Transport } from '../src/index.ts'
import { failure, json, operation, type Said, scriptedTransport, sync } from './scripted-transport.ts'

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

const fingerprint = 'ab'.repeat(32)
const addresses = { origins: ['https://a', 'https://b'], current: () => 'https://a' }

/** A cluster with two addresses. */
function clusterOf(answer: (said: Said) => Response | Promise<Response>): Transport & { said: Said[] } {
  return { ...scriptedTransport(answer), addresses }
}

const begun = (id: string): Response =>
  json(
    {
      type: 'async',
      status: 'Operation created',
      status_code: 100,
      operation: `/1.0/operations/${id}`,
      error_code: 0,
      error: '',
      metadata: operation('Running', 103, { id }),
    },
    { status: 202 },
  )

const describeServer = (): Response =>
  sync({
    api_extensions: [],
    auth: 'trusted',
    environment: { server: 'incus', server_version: '6.0.4' },
  })

const record = {
  fingerprint,
  aliases: [],
  architecture: 'x86_64',
  cached: false,
  filename: 'a.tar.xz',
  public: false,
  size: 1,
  type: 'container',
  auto_update: false,
  properties: {},
  profiles: ['default'],
  created_at: '2024-01-01T00:00:00Z',
  expires_at: '0001-01-01T00:00:00Z',
  last_used_at: '0001-01-01T00:00:00Z',
  uploaded_at: '2024-01-01T00:00:00Z',
  update_source: null,
}

test('a deletion whose operation is lost twice is not reported as done while the image is there', async () => {
  const transport = clusterOf(({ method, path }) => {
    if (method === 'DELETE') return begun('0a0a0a0a-0000-4000-8000-000000000000')
    if (path.startsWith('/1.0/operations/')) return failure(404, 'Operation not found')
    return path === '/1.0' ? describeServer() : sync(record)
  })
  await expect(createClient({ transport }).images.delete(fingerprint)).rejects.toMatchObject({
    code: 'outcome-unknown',
  })
  expect(transport.said.filter(({ method }) => method === 'DELETE')).toHaveLength(2)
})

test('a cluster is asked again while its members elect a leader', async () => {
  let left = 2
  const transport = clusterOf(({ path }) => {
    if (path === '/1.0') return describeServer()
    if (left-- > 0)
      return failure(
        503,
        'Failed to begin transaction: failed to create cowsql connection: no available cowsql leader server found',
      )
    return sync(record)
  })
  expect(await createClient({ transport }).images.get(fingerprint)).toMatchObject({ fingerprint })
})

test('work whose operation is lost is not begun again while an operation goes on that may be it', async () => {
  const theirs = operation('Running', 103, {
    id: '0b0b0b0b-0000-4000-8000-000000000000',
    description: 'Downloading image',
  })
  let properties: Record<string, string> = {}
  let isThere = false
  const transport = clusterOf(({ method, path, body }) => {
    if (method === 'POST') {
      properties = (JSON.parse(body) as { properties: Record<string, string> }).properties
      return begun('0a0a0a0a-0000-4000-8000-000000000000')
    }
    if (method === 'PUT') {
      properties = (JSON.parse(body) as { properties: Record<string, string> }).properties
      return sync({})
    }
    if (path.startsWith('/1.0/operations/0a')) return failure(404, 'Operation not found')
    if (path.startsWith('/1.0/operations/0b')) {
      isThere = true
      return sync({ ...theirs, status: 'Success', status_code: 200 })
    }
    if (path.startsWith('/1.0/operations')) return sync({ running: [theirs] })
    if (path.endsWith('/export')) return new Response('x')
    const image = { ...record, properties }
    if (path.startsWith(`/1.0/images/${fingerprint}`)) return sync(image, { etag: '"1"' })
    return path === '/1.0' ? describeServer() : sync(isThere ? [image] : [])
  })
  const creation = createClient({ transport }).images.createFromInstance('web1')
  expect(await creation).toMatchObject({ fingerprint })
  expect(transport.said.filter(({ method }) => method === 'POST')).toHaveLength(1)
})

test('an operation whose member is down is lost, although LXD 6.9 reads it as running from its database', async () => {
  const id = '0a0a0a0a-0000-4000-8000-000000000000'
  const transport = clusterOf(({ path }) => {
    if (path.includes('/wait')) return failure(503, 'Missing event connection with target cluster member')
    return path === '/1.0' ? describeServer() : sync(operation('Running', 103, { id, location: 'm3' }))
  })
  const waited = createClient({ transport }).operations.wait(id, { patience: 0 })
  await expect(waited).rejects.toMatchObject({
    code: 'outcome-unknown',
    message: expect.stringContaining('the member of the cluster that has it is down'),
  })
})

test('an operation that its dead member had finished has that end', async () => {
  const id = '0a0a0a0a-0000-4000-8000-000000000000'
  const transport = clusterOf(({ path }) => {
    if (path.includes('/wait')) return failure(503, 'Missing event connection with target cluster member')
    return path === '/1.0' ? describeServer() : sync(operation('Success', 200, { id, location: 'm3' }))
  })
  expect(await createClient({ transport }).operations.wait(id)).toMatchObject({ state: 'success' })
})

test('an abort cancels no operation of somebody else that may create the image', async () => {
  const controller = new AbortController()
  const theirs = operation('Running', 103, {
    id: '0b0b0b0b-0000-4000-8000-000000000000',
    description: 'Downloading image',
    may_cancel: true,
  })
  const transport = clusterOf(({ method, path }) => {
    if (method === 'POST') throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })
    if (path.startsWith('/1.0/operations/')) {
      controller.abort(new Error('stopped'))
      return sync(theirs)
    }
    if (path.startsWith('/1.0/operations')) return sync({ running: [theirs] })
    return path === '/1.0' ? describeServer() : sync([])
  })
  const creation = createClient({ transport }).images.createFromInstance('web1', {
    signal: controller.signal,
  })
  await expect(creation).rejects.toThrow('stopped')
  expect(transport.said.some(({ method }) => method === 'DELETE')).toBe(false)
})

describe('a member that takes the request for the file of an image and stays silent', () => {
  /** The members of a cluster; the first of them does not answer the request for a file. */
  const silentAtFirst = () => {
    let isSilent = true
    return clusterOf(({ path }) => {
      if (path === '/1.0') return describeServer()
      if (!path.endsWith('/export')) return sync(record)
      if (!isSilent) return new Response('image', { headers: { 'content-type': 'application/octet-stream' } })
      isSilent = false
      return new Promise<Response>(() => {})
    })
  }
  const exports = ({ said }: { said: Said[] }): number =>
    said.filter(({ path }) => path.endsWith('/export')).length

  test('is left for another one, which exports it', async () => {
    const transport = silentAtFirst()
    const client = createClient({ transport, answerTimeout: 600 })
    const exported = await client.images.export(fingerprint)
    expect(exported.kind === 'unified' && (await new Response(exported.body).text())).toBe('image')
    expect(exports(transport)).toBe(2)
  })

  test('is left for another one, which has it, so that it is not uploaded again', async () => {
    const transport = silentAtFirst()
    const client = createClient({ transport, answerTimeout: 600 })
    const open = (): ReadableStream<Uint8Array> => new Blob(['image']).stream()
    const image = await client.images.upload({ kind: 'unified', open, size: 5 }, { fingerprint })
    expect(image).toMatchObject({ fingerprint })
    expect(exports(transport)).toBe(2)
    expect(transport.said.some(({ method }) => method === 'POST')).toBe(false)
  })
})

const lost = (): never => {
  throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })
}

test('an image whose file is on a member that is down may be the one of a lost request: it is not begun again', async () => {
  const transport = clusterOf(({ method, path }) => {
    if (path === '/1.0') return describeServer()
    if (method === 'POST') return lost()
    if (path.endsWith('/export')) return failure(503, 'Peer cluster member m3 at 10.0.0.3:8443 is down')
    // The record appears with the request.
    const isBegun = transport.said.some(({ method }) => method === 'POST')
    if (path.startsWith(`/1.0/images/${fingerprint}`))
      return isBegun ? sync(record) : failure(404, 'not found')
    return sync([])
  })
  const copy = createClient({ transport }).images.createFromRemote('https://images.invalid', {
    fingerprint,
  })
  await expect(copy).rejects.toMatchObject({
    code: 'outcome-unknown',
    message: expect.stringContaining('its record is there, but its file cannot be read'),
  })
  expect(transport.said.filter(({ method }) => method === 'POST')).toHaveLength(1)
})

test('work that may be the lost one is waited for up to 5 minutes, and then the outcome is unknown', async () => {
  const limits: number[] = []
  const real = AbortSignal.timeout.bind(AbortSignal)
  // The 5 minutes are over at once.
  vi.spyOn(AbortSignal, 'timeout').mockImplementation((limit) => {
    if (limit > 60_000) limits.push(limit)
    return real(limit > 60_000 ? 1 : limit)
  })
  const theirs = operation('Running', 103, { id: '0b0b0b0b-0000-4000-8000-000000000000' })
  const transport = clusterOf(({ method, path }) => {
    if (method === 'POST') return lost()
    if (path.startsWith('/1.0/operations/')) return sync(theirs)
    if (path.startsWith('/1.0/operations')) return sync({ running: [theirs] })
    return path === '/1.0' ? describeServer() : sync([])
  })
  const creation = createClient({ transport }).images.createFromInstance('web1')
  await expect(creation).rejects.toMatchObject({
    code: 'outcome-unknown',
    message: expect.stringContaining('operation 0b0b0b0b-0000-4000-8000-000000000000'),
  })
  expect(limits).toHaveLength(1)
  expect(limits[0]).toBeGreaterThan(290_000)
  expect(limits[0]).toBeLessThanOrEqual(300_000)
  expect(transport.said.filter(({ method }) => method === 'POST')).toHaveLength(1)
})

test('an upload that is lost and cannot be looked for is reported as lost, with the addresses', async () => {
  let isBegun = false
  const transport = clusterOf(({ method, path }) => {
    if (method === 'POST') {
      isBegun = true
      return lost()
    }
    if (path === '/1.0') return describeServer()
    if (isBegun) throw Object.assign(new Error('no address answers'), { code: 'ECONNREFUSED' })
    return path.startsWith(`/1.0/images/${fingerprint}`) ? failure(404, 'not found') : sync([])
  })
  const open = (): ReadableStream<Uint8Array> => new Blob(['image']).stream()
  const upload = createClient({ transport }).images.upload(
    { kind: 'unified', open, size: 5 },
    { fingerprint },
  )
  await expect(upload).rejects.toMatchObject({
    code: 'closed-without-answer',
    message: expect.stringMatching(
      /may or may not have been carried out.*; tried https:\/\/a; looking for its outcome failed too: .*no address answers/,
    ),
  })
})

test('members that elect no leader are given up after 30 seconds, by an upload as by another creation', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  const words = 'Failed to begin transaction: no available cowsql leader server found'
  const open = (): ReadableStream<Uint8Array> => new Blob(['image']).stream()
  const begin = {
    upload: (client: Client) => client.images.upload({ kind: 'unified', open, size: 5 }, { fingerprint }),
    publish: (client: Client) => client.images.createFromInstance('web1'),
  }
  for (const work of Object.values(begin)) {
    const transport = clusterOf(({ method, path }) => {
      if (method === 'POST') return failure(503, words)
      if (path === '/1.0') return describeServer()
      return path.startsWith(`/1.0/images/${fingerprint}`) ? failure(404, 'not found') : sync([])
    })
    let error: unknown
    const began = performance.now()
    work(createClient({ transport })).catch((thrown: unknown) => {
      error = thrown
    })
    for (let steps = 0; error === undefined && steps < 5_000; steps++) await vi.advanceTimersByTimeAsync(50)
    expect(error).toMatchObject({ message: expect.stringContaining('leader') })
    expect(performance.now() - began).toBeGreaterThan(30_000)
    expect(performance.now() - began).toBeLessThan(32_000)
  }
})
