import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, recordIfAsked, recordTransport } from '@hyperkit/connect'
import { isHyperkitError, type Transport } from '@hyperkit/core'
import type { Exchange } from '@hyperkit/core/parts'
import { expect, onTestFinished, test } from 'vitest'
import { endless, room, still } from './endless.ts'
import { failureOf, open, send, until } from './open-transport.ts'
import { echo, serveHttp } from './serve.ts'

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'hyperkit-tapes-'))
  onTestFinished(() => rm(path, { recursive: true, force: true }))
  return path
}

async function recorded(url: string, directory: string, keepBytes = 0): Promise<Transport> {
  return recordTransport(await open({ url, name: 'lab' }), { directory, keepBytes })
}

async function read(directory: string): Promise<Exchange[]> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.json')).sort()
  return Promise.all(names.map(async (name) => JSON.parse(await readFile(join(directory, name), 'utf8'))))
}

test('requests are numbered in their order, and a second recording continues the numbers of the first', async () => {
  const { url } = await until(serveHttp(echo))
  const directory = await folder()
  await writeFile(join(directory, '0041-lab-GET.json'), '{}')
  const transport = await recorded(url, directory)
  await (await send(transport, '/1.0/images?recursion=1')).text()
  await (await send(transport, '/1.0/images/aliases/a%2Fb', { method: 'PUT', body: '{"target":"x"}' })).text()
  expect((await readdir(directory)).sort()).toEqual([
    '0041-lab-GET.json',
    '0042-lab-GET-images.json',
    '0043-lab-PUT-images-aliases-a-2Fb.json',
  ])
  expect((await read(directory))[2]).toMatchObject({
    server: { name: 'lab', origin: url },
    request: { method: 'PUT', path: '/1.0/images/aliases/a%2Fb', body: { json: { target: 'x' } } },
    answer: { status: 200 },
  })
})

test('headers without a meaning for the API are left out of a recording, cookies and authorization too', async () => {
  const { url } = await until(
    serveHttp((_, response) => {
      response.writeHead(200, { 'set-cookie': 'session=abc', etag: 'tag-1', 'x-powered-by': 'Go' })
      response.end('{}')
    }),
  )
  const directory = await folder()
  const headers = new Headers({ authorization: 'Bearer abc', cookie: 'a=b', 'if-match': 'tag-0' })
  await (await send(await recorded(url, directory), '/', { headers })).text()
  const [exchange] = await read(directory)
  expect(exchange?.request.headers).toEqual({ 'if-match': 'tag-0' })
  expect(exchange?.answer?.headers).toEqual({ etag: 'tag-1' })
})

test('a small text is sent with its length even if it is recorded', async () => {
  const { url } = await until(serveHttp(echo))
  const transport = await recorded(url, await folder())
  const request = new Request(`${url}/1.0/images`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"a":1}',
  })
  const answer = (await (await transport.fetch(request)).json()) as {
    headers: Record<string, string>
    body: string
  }
  expect(answer.headers).toMatchObject({ 'content-length': '7' })
  expect(answer.headers['transfer-encoding']).toBeUndefined()
})

test('a binary body is recorded by size and SHA-256, and kept if it is small enough', async () => {
  const bytes = new Uint8Array(5000).fill(9)
  const { url } = await until(serveHttp((_, response) => void response.end(bytes)))
  for (const keepBytes of [0, 5000]) {
    const directory = await folder()
    const transport = await recorded(url, directory, keepBytes)
    expect((await (await send(transport, '/1.0/images/ab/export')).arrayBuffer()).byteLength).toBe(5000)
    const [exchange] = await read(directory)
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    expect(exchange?.answer?.body).toMatchObject({ bytes: 5000, sha256 })
    const kept = (await readdir(directory)).filter((name) => name.endsWith('.bin'))
    expect(kept).toEqual(keepBytes === 0 ? [] : ['0001-lab-GET-images-ab-export.answer.bin'])
    for (const name of kept) expect(new Uint8Array(await readFile(join(directory, name)))).toEqual(bytes)
  }
})

test('a recorded upload is read no faster than the server takes it', async () => {
  const { url } = await until(serveHttp((request) => void request.pause()))
  const source = endless()
  const gone = new AbortController()
  const directory = await folder()
  const sending = send(await recorded(url, directory), '/', {
    method: 'POST',
    body: source.stream,
    duplex: 'half',
    signal: gone.signal,
  })
  sending.catch(() => undefined)
  await still(source.pulled)
  expect(source.pulled() * 65_536).toBeLessThan(32 * 1024 * 1024)
  gone.abort(new Error('enough'))
  await expect(sending).rejects.toThrow('enough')
  await source.cancelled
  expect((await read(directory))[0]).toMatchObject({ failure: 'aborted' })
})

test('a recorded download is sent no faster than it is read, and can be cancelled midway', async () => {
  let sent = 0
  const { url } = await until(
    serveHttp(async (_, response) => {
      while (!response.destroyed) {
        sent++
        if (!response.write(new Uint8Array(65_536))) await room(response)
      }
    }),
  )
  const directory = await folder()
  const answer = await send(await recorded(url, directory), '/')
  const reader = answer.body?.getReader()
  await reader?.read()
  await still(() => sent)
  expect(sent * 65_536).toBeLessThan(64 * 1024 * 1024)
  await reader?.cancel()
  expect((await read(directory))[0]).toMatchObject({ answer: { status: 200, cut: 'by the reader' } })
})

test('a request that fails is recorded with the reason', async () => {
  const served = await serveHttp(echo)
  await served[Symbol.asyncDispose]()
  const directory = await folder()
  const transport = await recorded(served.url, directory)
  const error = await failureOf(send(transport, '/1.0'))
  expect((await read(directory))[0]?.failure).toMatchObject({ message: (error as Error).message })
})

test('a request is in the recording before it is answered', async () => {
  const { url } = await until(serveHttp(() => undefined))
  const directory = await folder()
  const gone = new AbortController()
  const waiting = send(await recorded(url, directory), '/1.0', { signal: gone.signal })
  waiting.catch(() => undefined)
  await expect.poll(() => read(directory)).toHaveLength(1)
  expect((await read(directory))[0]).not.toHaveProperty('answer')
  gone.abort()
})

test('a recording folder that cannot be written makes the first request fail before anything is sent', async () => {
  let requests = 0
  const { url } = await until(
    serveHttp((_, response) => {
      requests++
      response.end()
    }),
  )
  const file = join(await folder(), 'file')
  await writeFile(file, '')
  const error = await failureOf(send(await recorded(url, join(file, 'tapes')), '/1.0'))
  expect(isHyperkitError(error, 'file-unwritable')).toBe(true)
  expect(requests).toBe(0)
})

test('recordIfAsked records a transport if the environment asks for it', async () => {
  const { url } = await until(serveHttp(echo))
  const directory = await folder()
  const transport = await open({ url })
  expect(recordIfAsked(transport, {})).toBe(transport)
  await (await send(recordIfAsked(transport, { HYPERKIT_RECORD: directory }), '/1.0')).text()
  expect(await read(directory)).toHaveLength(1)
  expect(() =>
    recordIfAsked(transport, { HYPERKIT_RECORD: directory, HYPERKIT_RECORD_KEEP: '1MiB' }),
  ).toThrow('HYPERKIT_RECORD_KEEP="1MiB": it must be a number of bytes')
})

test('connect and createTransport do not read HYPERKIT_RECORD', async () => {
  const { url } = await until(serveHttp(echo))
  const directory = await folder()
  const environment = { HYPERKIT_RECORD: directory }
  await (await send(await open({ url, environment }), '/1.0')).text()
  const client = await connect({ url, environment })
  onTestFinished(() => client.close())
  await failureOf(client.images.list())
  expect(await readdir(directory)).toEqual([])
})

test('a recording hides the bearer token that a server repeats in its answer', async () => {
  const secret = 'eyJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJl'
  const { url } = await until(
    serveHttp((request, response) => {
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ error: `refused: ${request.headers.authorization}` }))
    }),
  )
  const directory = await folder()
  const client = await connect({
    url,
    environment: {},
    token: () => secret,
    wrapTransport: (transport) => recordTransport(transport, { directory }),
  })
  onTestFinished(() => client.close())
  await failureOf(client.images.list())
  const text = JSON.stringify(await read(directory))
  expect(text).toContain('refused: Bearer hyperkit-hidden-')
  expect(text).not.toContain(secret)
})
