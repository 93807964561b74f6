import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { recordTransport } from '@hyperkit/connect'
import { type Client, createClient, fetchTransport, type Transport } from '@hyperkit/core'
import { createImageServer, type ReplayOptions, replay } from '@hyperkit/embedded'
import { expect, onTestFinished, test } from 'vitest'
import { makeArchive } from './make-archive.ts'

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'hyperkit-replay-'))
  onTestFinished(() => rm(path, { recursive: true, force: true }))
  return path
}

/** Records a session with an embedded server. */
async function record(
  say: (client: Client) => Promise<unknown>,
  options: { keepBytes?: number; change?: (transport: Transport) => Transport } = {},
): Promise<string> {
  const directory = await folder()
  const server = createImageServer({ dialect: 'incus' })
  onTestFinished(() => server.close())
  const fetch = (input: RequestInfo | URL, init?: RequestInit): Promise<Response> =>
    server.fetch(new Request(input, init))
  const plain = fetchTransport('http://unix.socket', { fetch, name: 'lab' })
  const transport = options.change?.(plain) ?? plain
  await say(
    createClient({ transport: recordTransport(transport, { directory, keepBytes: options.keepBytes ?? 0 }) }),
  )
  return directory
}

async function play(directory: string, options?: ReplayOptions): Promise<Client> {
  return createClient({ transport: await replay(directory, options) })
}

/** One request. */
const listAliases = async (client: Client): Promise<unknown> =>
  (await client.request({ method: 'GET', path: '/1.0/images/aliases' })).metadata

const upload = async (client: Client): Promise<string> => {
  const bytes = await makeArchive()
  const open = (): ReadableStream<Uint8Array> => new Blob([bytes as BlobPart]).stream()
  return (await client.images.upload({ kind: 'unified', open, size: bytes.byteLength })).fingerprint
}

test('a request that is not recorded is refused with the nearest recorded one', async () => {
  const directory = await record(async (client) => {
    await listAliases(client)
    await client.aliases.find('ubuntu/noble')
  })
  const client = await play(directory)
  await expect(client.aliases.get('ubuntu/nobel')).rejects.toMatchObject({
    code: 'not-recorded',
    message: expect.stringMatching(
      /^Cannot answer GET \/1\.0\/images\/aliases\/ubuntu%2Fnobel from recording ".*": the nearest recorded request is 0002-lab-GET-images-aliases-ubuntu-2Fnoble\.json; it is GET \/1\.0\/images\/aliases\/ubuntu%2Fnoble$/,
    ),
  })
})

test('a replay gives each answer as often as it was recorded', async () => {
  const directory = await record((client) => listAliases(client))
  const server = await replay(directory)
  const client = createClient({ transport: server })
  expect(server.remaining()).toHaveLength(1)
  expect(await listAliases(client)).toEqual([])
  expect(server.remaining()).toEqual([])
  await expect(listAliases(client)).rejects.toThrow(/it was recorded once, and is requested again$/)
})

test('a request with another body does not match, unless bodies are ignored', async () => {
  let fingerprint = ''
  const directory = await record(async (client) => {
    fingerprint = await upload(client)
    await client.request({
      method: 'POST',
      path: '/1.0/images/aliases',
      json: { name: 'a', target: fingerprint },
    })
  })
  const call = {
    method: 'POST' as const,
    path: '/1.0/images/aliases',
    json: { name: 'b', target: fingerprint },
  }
  await expect((await play(directory)).request(call)).rejects.toThrow(
    /its body at "json\.name" was "a" in the recording, and is "b" now$/,
  )
  expect((await (await play(directory, { bodies: 'ignore' })).request(call)).status).toBe(201)
})

test('a replay refuses a body whose bytes differ from the recorded ones', async () => {
  const directory = await record(upload)
  const server = await replay(directory)
  const sent = (body: string): Promise<Response> =>
    server.fetch(`${server.origin}/1.0/images`, {
      method: 'POST',
      headers: new Headers({ 'content-type': 'application/octet-stream' }),
      body,
      redirect: 'error',
    })
  await expect(sent('something else')).rejects.toThrow(/its body at "bytes"/)
})

test('independent requests may come in another order, unless the recorded order is required', async () => {
  const directory = await record(async (client) => {
    await listAliases(client)
    await client.operations.list()
  })
  const free = await play(directory)
  await free.operations.list()
  await listAliases(free)
  const strict = await play(directory, { order: 'recorded' })
  await expect(strict.operations.list()).rejects.toThrow(
    /the next recorded request is 0001-lab-GET-images-aliases\.json; it is GET/,
  )
  await listAliases(strict)
  await strict.operations.list()
})

test('reading a body that was not kept fails, and a kept one is replayed', async () => {
  let fingerprint = ''
  const say = async (client: Client): Promise<number> => {
    fingerprint = await upload(client)
    const exported = await client.images.export(fingerprint)
    if (exported.kind !== 'unified') throw new Error('it is unified')
    return (await new Response(exported.body as BodyInit).arrayBuffer()).byteLength
  }
  await expect(say(await play(await record(say)))).rejects.toThrow(
    /only their SHA-256 was recorded; record again with HYPERKIT_RECORD_KEEP=\d+$/,
  )
  const size = await say(await play(await record(say, { keepBytes: 1_000_000 })))
  expect(size).toBe((await makeArchive()).byteLength)
})

test('a replay repeats a recorded connection failure', async () => {
  const refused = Object.assign(new Error('connect ECONNREFUSED 10.1.0.7:8443'), { code: 'ECONNREFUSED' })
  const say = (client: Client): Promise<unknown> => client.images.list()
  let message = ''
  const directory = await record(
    (client) =>
      say(client).catch((error: Error) => {
        message = error.message
      }),
    { change: (transport) => ({ ...transport, fetch: () => Promise.reject(refused) }) },
  )
  await expect(say(await play(directory))).rejects.toMatchObject({ code: 'unreachable', message })
})

test('a recording of several servers requires the name of one', async () => {
  const directory = await folder()
  for (const name of ['one', 'two']) {
    const fetch = async (): Promise<Response> =>
      Response.json({ type: 'sync', status_code: 200, metadata: [] })
    const transport = fetchTransport(`http://${name}.example`, { fetch, name })
    await listAliases(createClient({ transport: recordTransport(transport, { directory }) }))
  }
  await expect(replay(directory)).rejects.toThrow(/several servers, "one" \(http:\/\/one\.example\), "two"/)
  await expect(replay(directory, { server: 'three' })).rejects.toThrow(/^Cannot replay "three" from/)
  expect(await listAliases(await play(directory, { server: 'two' }))).toEqual([])
})

test('a folder without a recording and an invalid recording file are reported', async () => {
  const empty = await folder()
  await expect(replay(empty)).rejects.toMatchObject({ code: 'file-unreadable' })
  await expect(replay(join(empty, 'missing'))).rejects.toMatchObject({ code: 'file-unreadable' })
  await writeFile(join(empty, '0001-lab-GET.json'), '{ "tape": 2 }')
  await expect(replay(empty)).rejects.toThrow(/0001-lab-GET\.json": line 1 is not valid at "tape"/)
  expect(await readdir(empty)).toHaveLength(1)
})
