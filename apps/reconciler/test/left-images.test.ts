import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Client, createClient, type Transport } from '@hyperkit/core'
import { createImageServer } from '@hyperkit/embedded'
import { uploadImage } from '@hyperkit/files'
import { openUploadNotes, takeLock } from '@hyperkit/reconcile/parts'
import { afterAll, expect, test } from 'vitest'
import { makeImage } from './make-image.ts'
import { reconcile } from './reconcile.ts'

const cwd = mkdtempSync(join(tmpdir(), 'hk-left-images-'))
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

const manifest = join(cwd, 'images.yaml')
const file = join(cwd, 'image.tar.gz')
makeImage(file, 'one')
writeFileSync(
  manifest,
  `version: 1\nname: me\nservers: { it: { url: "https://127.0.0.1:1" } }\nimages:\n  - { name: app, source: { file: ${file} } }\n`,
)
const marks = { 'hyperkit.manifest': 'me', 'hyperkit.image': 'app' }

/** @param answered called after each answer that the watched client got */
function start(answered: (method: string, path: string) => Promise<void> = async () => {}) {
  const server = createImageServer({ dialect: 'lxd-6.9' })
  const transport: Transport = {
    name: 'it',
    origin: 'http://it',
    fetch: (input, init) => server.fetch(new Request(input, { ...init, duplex: 'half' } as RequestInit)),
  }
  let sent = 0
  const watched: Transport = {
    ...transport,
    async fetch(input, init) {
      const request = new Request(input, { ...init, duplex: 'half' } as RequestInit)
      const { pathname } = new URL(request.url)
      const { method } = request
      const type = request.headers.get('content-type') ?? ''
      if (method === 'POST' && pathname === '/1.0/images' && !type.includes('json')) sent += 1
      const answer = await server.fetch(request)
      await answered(method, pathname)
      return answer
    },
  }
  return {
    server,
    client: createClient({ transport }),
    watched: createClient({ transport: watched }),
    sent: () => sent,
  }
}

async function tokensOf(client: Client): Promise<number> {
  const all = await client.operations.list()
  return all.filter(({ class: kind, state }) => kind === 'token' && state === 'running').length
}

test('an image that the server has stored for a killed run since the plan was made is not sent again', async () => {
  let hasStored = false
  const scene = start(async (method, path) => {
    if (hasStored || method !== 'GET' || path !== '/1.0/operations') return
    hasStored = true
    await uploadImage(scene.client, file)
  })
  const { server, client, watched, sent } = scene
  const notes = openUploadNotes('me', join(cwd, 'notes'))
  const other = start()
  const { fingerprint } = await uploadImage(other.client, file)
  await other.server.close()
  await notes.begin(JSON.stringify(['it', client.origin, client.projectName ?? '']), { fingerprint, marks })
  expect(await reconcile(manifest, watched, { notes })).toMatchObject({ status: 'done' })
  expect([hasStored, sent()]).toEqual([true, 0])
  expect((await client.images.getByAlias('app')).properties).toMatchObject(marks)
  await server.close()
})

test('an image that another run has brought while this one waited for the lock is not sent again', async () => {
  const { server, client, watched, sent } = start()
  const before = join(cwd, 'before.tar.gz')
  makeImage(before, 'before')
  const { fingerprint } = await uploadImage(client, before)
  await client.aliases.set('app', { target: fingerprint })
  const { signal } = new AbortController()
  const other = {
    manifest: 'me',
    owner: 'them@there',
    run: crypto.randomUUID(),
    aliases: ['app'],
    timeout: 0,
    signal,
  }
  const held = await takeLock(client, other)
  let waits = 0
  const onWait = (): void => {
    waits += 1
    void uploadImage(client, file).then(() => held?.release())
  }
  await reconcile(manifest, watched, { lock: { timeout: 60_000, onWait } })
  expect([waits, sent()]).toEqual([1, 0])
  await server.close()
})

test('a left image that cannot get its marks keeps its token, and the tokens of others are ended', async () => {
  const { server, client } = start()
  await reconcile(manifest, client)
  for (const name of ['two', 'three']) {
    const left = join(cwd, `${name}.tar.gz`)
    makeImage(left, name)
    const { fingerprint } = await uploadImage(client, left)
    const json = { source: { type: 'image', mode: 'push', fingerprint }, properties: marks }
    await client.request({ method: 'POST', path: '/1.0/images', json })
  }
  expect(await tokensOf(client)).toBe(2)
  let lines = 0
  const write = async (): Promise<void> => {
    lines += 1
    if (lines === 1) throw new Error('no space left')
  }
  await reconcile(manifest, client, { audit: { command: 'apply', write } })
  expect(await tokensOf(client)).toBe(1)
  const owned = (await client.images.list()).filter((image) => image.properties['hyperkit.manifest'] === 'me')
  expect(owned).toHaveLength(2)
  await reconcile(manifest, client, { audit: { command: 'apply', write } })
  expect(await tokensOf(client)).toBe(0)
  await server.close()
})
