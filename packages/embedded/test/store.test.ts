import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { createImageServer, directoryStore, memoryStore, type Store } from '../src/index.ts'
import { ask, send, settle, upload } from './ask.ts'
import { makeArchive } from './make-archive.ts'

const folders: string[] = []
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true })
})

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'embedded-'))
  folders.push(folder)
  return folder
}

test('a reopened directory has the same images, aliases, projects, trust and certificate', async () => {
  const path = await newFolder()
  const first = createImageServer({ dialect: 'lxd', store: directoryStore(path) })
  const archive = await makeArchive()
  const { metadata } = await upload(first, archive, { 'X-LXD-filename': 'kept' })
  for (const name of ['one', 'a/b', '..', '']) {
    if (name !== '')
      await ask(first, 'POST', '/1.0/images/aliases', { json: { name, target: metadata.fingerprint } })
  }
  await ask(first, 'POST', '/1.0/projects', { json: { name: 'p' } })
  const image = await ask(first, 'GET', `/1.0/images/${metadata.fingerprint}`)
  const { environment } = (await ask(first, 'GET', '/1.0')).metadata
  await first.close()

  const second = createImageServer({ dialect: 'lxd', store: directoryStore(path) })
  const again = await ask(second, 'GET', `/1.0/images/${metadata.fingerprint}`)
  expect(again.metadata).toEqual(image.metadata)
  expect(again.headers.get('etag')).toBe(image.headers.get('etag'))
  expect((await ask(second, 'GET', '/1.0/projects')).metadata).toEqual([
    '/1.0/projects/default',
    '/1.0/projects/p',
  ])
  expect((await ask(second, 'GET', '/1.0')).metadata.environment.certificate).toBe(environment.certificate)
  const exported = await send(second, 'GET', `/1.0/images/${metadata.fingerprint}/export`)
  expect(Buffer.from(await exported.arrayBuffer())).toEqual(archive)
  await settle(second, await ask(second, 'DELETE', `/1.0/images/${metadata.fingerprint}`))
  expect(await readdir(join(path, 'blobs'))).toEqual([])
  expect(await readdir(join(path, 'records', 'aliases'))).toEqual([])
  await second.close()
})

test('a reopened directory deletes unfinished files of a killed process and keeps finished ones', async () => {
  const path = await newFolder()
  const first = createImageServer({ dialect: 'incus', store: directoryStore(path) })
  const { metadata } = await upload(first, await makeArchive())
  const draft = await directoryStore(path).draftBlob()
  await draft.write(Buffer.from('half of an image'))
  await draft.finish()
  await writeFile(join(path, 'blobs', 'f'.repeat(64)), 'bytes without a record')
  await writeFile(join(path, 'records', 'images', 'x.json.new'), '{"half":')
  // No close: the process is gone.
  const second = createImageServer({ dialect: 'incus', store: directoryStore(path) })
  expect((await ask(second, 'GET', '/1.0/images')).metadata).toEqual([`/1.0/images/${metadata.fingerprint}`])
  expect(await readdir(join(path, 'blobs'))).toEqual([metadata.fingerprint])
  await expect(readdir(join(path, 'drafts'))).rejects.toThrow()
  await Promise.all([first.close(), second.close()])
})

test('a running export continues after its image is deleted', async () => {
  const server = createImageServer({ dialect: 'lxd', store: directoryStore(await newFolder()) })
  const files = { 'rootfs/big': Buffer.alloc(3_000_000, 'x') }
  const archive = await makeArchive({ files, gzip: false })
  const { metadata } = await upload(server, archive)
  const exported = await send(server, 'GET', `/1.0/images/${metadata.fingerprint}/export`)
  await settle(server, await ask(server, 'DELETE', `/1.0/images/${metadata.fingerprint}`))
  expect(Buffer.from(await exported.arrayBuffer()).equals(archive)).toBe(true)
})

describe.each([
  ['memory', async () => memoryStore()],
  ['directory', async () => directoryStore(await newFolder())],
] as [string, () => Promise<Store>][])('the %s store', (_name, newStore) => {
  const textOf = async (stream: ReadableStream<Uint8Array> | undefined) => new Response(stream ?? null).text()

  test('a store keeps bytes under a name only once they are committed', async () => {
    const store = await newStore()
    const draft = await store.draftBlob()
    await draft.write(Buffer.from('hello '))
    await draft.write(Buffer.from('world'))
    const blob = await draft.finish()
    expect([blob.size, await textOf(blob.read())]).toEqual([11, 'hello world'])
    expect(await store.openBlob('a')).toBeUndefined()
    await draft.commit('a')
    await draft.discard()
    const stored = await store.openBlob('a')
    expect([stored?.size, await textOf(stored?.read(3, 8))]).toEqual([11, 'lo wo'])
    expect(await textOf(stored?.read(11))).toBe('')
    await store.deleteBlob('a')
    await store.deleteBlob('a')
    expect(await store.openBlob('a')).toBeUndefined()
  })

  test('a store keeps an empty blob', async () => {
    const draft = await (await newStore()).draftBlob()
    const blob = await draft.finish()
    expect([blob.size, await textOf(blob.read())]).toEqual([0, ''])
    await draft.discard()
  })

  test('a store keeps records in the order of their first writing, and the last of several quick changes', async () => {
    const store = await newStore()
    await Promise.all(['b', 'a', '../c'].map((key) => store.writeRecord('aliases', key, { key })))
    await Promise.all([1, 2, 3, 4, 5].map((count) => store.writeRecord('aliases', 'b', { count })))
    await store.deleteRecord('aliases', 'a')
    await store.deleteRecord('aliases', 'a')
    const records = await store.readRecords('aliases')
    expect([...records]).toEqual([
      ['b', { count: 5 }],
      ['../c', { key: '../c' }],
    ])
  })
})
