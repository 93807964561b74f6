import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { inspectFile } from '../src/disk/inspect-file.ts'
import { openBytes } from '../src/disk/open-bytes.ts'
import { type SharedBytes, shareBytes } from '../src/disk/share-bytes.ts'

const folder = mkdtempSync(join(tmpdir(), 'hk-share-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const content = randomBytes(5 * 1024 * 1024 + 17)
const path = join(folder, 'image')
writeFileSync(path, content)

async function share(
  readers: number,
  more: { patience?: number } = {},
): Promise<SharedBytes & { reads: number }> {
  const shared = { reads: 0, open: (): ReadableStream<Uint8Array> => bytes.open() }
  const bytes = shareBytes(await inspectFile(path, 'upload'), {
    ...{ action: 'upload', readers, ...more },
    read: (...of) => {
      shared.reads++
      return openBytes(...of)
    },
  })
  return shared
}

async function readAll(stream: ReadableStream<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = []
  const reader = stream.getReader()
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) pieces.push(piece.value)
  return Buffer.concat(pieces)
}

describe('a file that several uploads send at the same time', () => {
  test('a shared file is read once for all uploads', async () => {
    const shared = await share(3)
    const all = await Promise.all([1, 2, 3].map(() => readAll(shared.open())))
    expect(all.map((bytes) => bytes.equals(content))).toEqual([true, true, true])
    expect(shared.reads).toBe(1)
  })

  test('a shared file is read for the uploads that have begun, and again for those that begin late', async () => {
    const shared = await share(3)
    const first = shared.open()
    expect((await readAll(first)).equals(content)).toBe(true)
    const [second, third] = await Promise.all([readAll(shared.open()), readAll(shared.open())])
    expect([second.equals(content), third.equals(content), shared.reads]).toEqual([true, true, 2])
  })

  test('a shared file is read no faster than the slowest upload takes it, until that upload falls behind and reads by itself', async () => {
    const shared = await share(2, { patience: 100 })
    const [slow, fast] = [shared.open().getReader(), shared.open()]
    const begin = await slow.read()
    expect((await readAll(fast)).equals(content)).toBe(true)
    const pieces = [begin.value ?? new Uint8Array()]
    for (let piece = await slow.read(); !piece.done; piece = await slow.read()) pieces.push(piece.value)
    expect(Buffer.concat(pieces).equals(content)).toBe(true)
    expect(shared.reads).toBe(1)
  })

  test('a shared file is read on for the other uploads when one is cancelled', async () => {
    const shared = await share(2)
    const [gone, stays] = [shared.open().getReader(), shared.open()]
    await Promise.all([
      gone.read(),
      readAll(stays).then((bytes) => expect(bytes.equals(content)).toBe(true)),
      gone.read().then(() => gone.cancel()),
    ])
    expect(shared.reads).toBe(1)
  })

  test('a shared file that changes meanwhile is an error for all uploads', async () => {
    const shared = await share(2)
    writeFileSync(path, randomBytes(100))
    const ends = await Promise.allSettled([readAll(shared.open()), readAll(shared.open())])
    expect(ends).toMatchObject([
      {
        reason: {
          code: 'file-unreadable',
          message: expect.stringContaining('it was changed in the meantime'),
        },
      },
      { reason: { code: 'file-unreadable' } },
    ])
    writeFileSync(path, content)
  })
})
