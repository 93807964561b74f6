import { beforeEach, expect, test } from 'vitest'
import { PlainRequest } from './plain-request.ts'
import { PlainResponse } from './plain-response.ts'

const isNode = process.versions.bun === undefined && !('deno' in process.versions)

// Those of Bun and Deno differ from Node's in rare cases.
beforeEach((context) => {
  if (!isNode) context.skip('the plain classes stand in for those of Node')
})

const bytes = (): Uint8Array<ArrayBuffer> => new TextEncoder().encode('{"a":"é"}')
const stream = (): ReadableStream<Uint8Array> => new Blob([bytes()]).stream()

const sources = {
  text: () => '{"a":"é"}',
  bytes,
  buffer: () => bytes().buffer,
  stream,
  blob: () => new Blob([bytes()], { type: 'application/json' }),
} as const

test.for(Object.entries(sources))('an answer of a %s is read in each way', async ([, make]) => {
  expect(await new PlainResponse(make()).text()).toBe('{"a":"é"}')
  expect(await new PlainResponse(make()).json()).toEqual({ a: 'é' })
  expect(await new PlainResponse(make()).bytes()).toEqual(bytes())
  expect(new Uint8Array(await new PlainResponse(make()).arrayBuffer())).toEqual(bytes())
  expect(await (await new PlainResponse(make()).blob()).text()).toBe('{"a":"é"}')
  expect(await new Response(new PlainResponse(make()).body).text()).toBe('{"a":"é"}')
})

test.for([...Object.entries(sources), ['parameters', () => new URLSearchParams({ a: 'b' })] as const])(
  'an answer of a %s has the content type that the runtime gives it',
  ([, make]) => {
    const type = new Response(make()).headers.get('content-type')
    expect(new PlainResponse(make()).headers.get('content-type')?.toLowerCase()).toBe(type?.toLowerCase())
  },
)

test('a content type that was given stays', () => {
  const headers = { 'content-type': 'application/json' }
  expect(new PlainResponse('{}', { headers }).headers.get('content-type')).toBe('application/json')
})

test('an answer hands out the stream that it was made of', () => {
  const given = stream()
  expect(new PlainResponse(given).body).toBe(given)
})

test('an answer without a body is empty', async () => {
  expect(new PlainResponse(null).body).toBeNull()
  expect(await new PlainResponse().text()).toBe('')
})

test.for(['text', 'stream'] as const)('a body of a %s is read once', async (kind) => {
  const answer = new PlainResponse(sources[kind]())
  expect(answer.bodyUsed).toBe(false)
  await answer.text()
  expect(answer.bodyUsed).toBe(true)
  await expect(answer.text()).rejects.toThrow(TypeError)
  expect(() => answer.clone()).toThrow(TypeError)
})

const touches: Record<string, (body: ReadableStream<Uint8Array>) => Promise<unknown> | unknown> = {
  'read to its end': async (body) => {
    for await (const _ of body);
  },
  'read in part': async (body) => {
    const reader = body.getReader()
    await reader.read()
    reader.releaseLock()
  },
  cancelled: (body) => body.cancel(),
  'cancelled by a reader': async (body) => {
    const reader = body.getReader()
    await reader.cancel()
    reader.releaseLock()
  },
  'written elsewhere': (body) => body.pipeTo(new WritableStream()),
  halved: (body) => body.tee(),
  locked: (body) => body.getReader(),
  'locked and released': (body) => body.getReader().releaseLock(),
  'only looked at': () => {},
}

/** What is left of an answer, in words that are the same for every implementation. */
async function leftOf(answer: Response | PlainResponse, touch: (typeof touches)[string]): Promise<unknown[]> {
  if (answer.body !== null) await touch(answer.body as ReadableStream<Uint8Array>)
  const outcome = (read: () => unknown): Promise<unknown> =>
    Promise.resolve()
      .then(read)
      .catch((error: Error) => error.name)
  const isUsed = answer.bodyUsed
  const clone = await outcome(() => typeof answer.clone())
  return [isUsed, clone, await outcome(() => answer.text()), answer.bodyUsed]
}

for (const kind of ['text', 'stream'] as const)
  test.for(Object.keys(touches))(
    `an answer of a ${kind} whose stream was %s is as used as the runtime's`,
    async (touched) => {
      const touch = touches[touched] ?? expect.unreachable()
      const left = await leftOf(new PlainResponse(sources[kind]()), touch)
      expect(left).toEqual(await leftOf(new Response(sources[kind]()), touch))
    },
  )

test('a body that others have read in part is refused', async () => {
  const body = stream()
  await touches['read in part']?.(body)
  expect(() => new Response(body)).toThrow(TypeError)
  expect(() => new PlainResponse(body)).toThrow(TypeError)
})

test.for(['a\nb', 'a\0b', '\x7f', '\u20ac'])('%j is refused as the reason of a status', (statusText) => {
  expect(() => new Response(null, { statusText })).toThrow(TypeError)
  expect(() => new PlainResponse(null, { statusText })).toThrow(TypeError)
})

test.for(['', 'a\tb', 'nicht möglich'])('%j is taken as the reason of a status', (statusText) => {
  expect(new PlainResponse(null, { statusText }).statusText).toBe(
    new Response(null, { statusText }).statusText,
  )
})

test.for(['text', 'stream'] as const)('an answer of a %s and its clone are both read', async (kind) => {
  const headers = { etag: '"1"' }
  const answer = new PlainResponse(sources[kind](), { status: 201, statusText: 'Created', headers })
  const clone = answer.clone()
  expect([await answer.text(), await clone.text()]).toEqual(['{"a":"é"}', '{"a":"é"}'])
  expect([clone.status, clone.statusText, clone.ok]).toEqual([201, 'Created', true])
  expect([...clone.headers]).toEqual([...answer.headers])
  clone.headers.set('etag', '"2"')
  expect(answer.headers.get('etag')).toBe('"1"')
})

test.for([101, 199, 600, 1.5])('%d is refused as the status of an answer', (status) => {
  expect(() => new PlainResponse(null, { status })).toThrow(RangeError)
})

test.for([204, 205, 304])('an answer of status %d has no body', (status) => {
  expect(() => new Response('x', { status })).toThrow(TypeError)
  expect(() => new PlainResponse('x', { status })).toThrow(TypeError)
  expect(new PlainResponse(null, { status }).ok).toBe(status < 300)
})

test.for(['get', 'Put', 'DELETE', 'PATCH'])(
  'the method "%s" is written as the runtime writes it',
  (method) => {
    const url = 'http://unix.socket/1.0'
    expect(new PlainRequest(url, { method }).method).toBe(new Request(url, { method }).method)
  },
)

test.for(['CONNECT', 'connect', 'TRACE', 'Track', 'a b', '', 'ü'])('the method %j is refused', (method) => {
  expect(() => new Request('http://a', { method })).toThrow(TypeError)
  expect(() => new PlainRequest('http://a', { method })).toThrow(TypeError)
})

test.for(['http://a', 'https://A.example:443/ü?x=ä b#c', 'http://[::1]:80/'])(
  'the URL %j is written as the runtime writes it',
  (url) => {
    expect(new PlainRequest(url).url).toBe(new Request(url).url)
  },
)

test('a URL that is none is refused', () => {
  expect(() => new PlainRequest('no url')).toThrow(TypeError)
})

test.for(['http://user:secret@a', 'http://user@a', 'http://:secret@a'])(
  'the URL %s is refused without showing the secret',
  (url) => {
    expect(() => new Request(url)).toThrow(TypeError)
    expect(() => new PlainRequest(url)).toThrow(TypeError)
    expect(() => new PlainRequest(url)).not.toThrow('secret')
  },
)

test.for([
  ['null', null],
  ['ab', 'ab'],
  ['5', 5],
])('headers that are %s are refused in words that name them', ([name, bad]) => {
  const init = { headers: bad as unknown as Record<string, string> }
  expect(() => new Response(null, init)).toThrow(TypeError)
  expect(() => new Request('http://a', init)).toThrow(TypeError)
  const words = 'Headers: they are made of a record, of pairs or of other headers, not of'
  expect(() => new PlainResponse(null, init)).toThrow(new TypeError(`${words} ${name}`))
  expect(() => new PlainRequest('http://a', init)).toThrow(new TypeError(`${words} ${name}`))
})

test.for(['GET', 'HEAD'])('a request of the method %s has no body', (method) => {
  expect(() => new PlainRequest('http://a', { method, body: 'x' })).toThrow(TypeError)
})

test('a request whose body is a stream needs to say that it sends before it receives', () => {
  const body = stream()
  expect(() => new PlainRequest('http://a', { method: 'POST', body })).toThrow(TypeError)
  expect(new PlainRequest('http://a', { method: 'POST', body, duplex: 'half' }).body).toBe(body)
})

test('a request that is made of another one takes what was not given', async () => {
  const { signal } = new AbortController()
  const first = new PlainRequest('http://a/b', {
    method: 'POST',
    headers: { accept: '*/*' },
    body: 'text',
    redirect: 'error',
    signal,
  })
  const second = new PlainRequest(first, { redirect: 'manual' })
  expect([second.url, second.method, second.redirect]).toEqual(['http://a/b', 'POST', 'manual'])
  expect(second.headers.get('accept')).toBe('*/*')
  expect(second.signal).toBe(signal)
  expect(await second.text()).toBe('text')
})

test.for(['GET', 'HEAD'])('a request of the method %s inherits no body', (method) => {
  const init = { method: 'POST', body: 'text' }
  expect(() => new Request(new Request('http://a', init), { method })).toThrow(TypeError)
  expect(() => new PlainRequest(new PlainRequest('http://a', init), { method })).toThrow(TypeError)
})

test('a body that another request was made of is used, unless that one has its own', async () => {
  const init = { method: 'POST', body: 'text' }
  for (const Kind of [Request, PlainRequest] as unknown as (typeof PlainRequest)[]) {
    const first = new Kind('http://a', init)
    expect(await new Kind(first, { body: 'other' }).text()).toBe('other')
    expect(first.bodyUsed).toBe(false)
    const second = new Kind(first, { body: null })
    expect([first.bodyUsed, await second.text()]).toEqual([true, 'text'])
    await expect(first.text()).rejects.toThrow(TypeError)
    expect(() => new Kind(first)).toThrow(TypeError)
    expect(await new Kind(first, { body: 'other' }).text()).toBe('other')
  }
})

test('a request and its clone share the signal and are both read', async () => {
  const controller = new AbortController()
  const request = new PlainRequest('http://a', { method: 'POST', body: 'text', signal: controller.signal })
  const clone = request.clone()
  controller.abort(new Error('enough'))
  expect(clone.signal.reason).toEqual(new Error('enough'))
  expect([await request.text(), await clone.text()]).toEqual(['text', 'text'])
})

test('libraries see what kind of thing it is', () => {
  const kind = (thing: unknown): string => Object.prototype.toString.call(thing)
  expect(kind(new PlainRequest('http://a'))).toBe(kind(new Request('http://a')))
  expect(kind(new PlainResponse())).toBe(kind(new Response()))
  expect(kind(new PlainResponse().headers)).toBe(kind(new Headers()))
})
