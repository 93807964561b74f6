import { mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeEach, expect, test } from 'vitest'
import type { InspectedFile } from '../src/disk/inspect-file.ts'
import { inspectFile } from '../src/disk/inspect-file.ts'
import { writeStateCache } from '../src/disk/state-cache.ts'
import { readHashCache, writeHashCache } from '../src/fingerprint/hash-cache.ts'
import { checkImageFiles, fingerprintOf } from '../src/index.ts'
import { temporaryDirectory } from './image-files-on-disk.ts'

const parent = temporaryDirectory()
const hash = 'b'.repeat(64)
const now = 1_800_000_000_000
const file: InspectedFile = { path: '/images/one.tar', size: 5, state: '1:2:5:3', changedAt: now - 5_000 }

let directory: string
beforeEach(() => {
  directory = join(mkdtempSync(join(parent, 'cache-')), 'fingerprints')
})

test('the hash of unchanged files is found again', async () => {
  const rootfs = { ...file, path: '/images/rootfs' }
  await writeHashCache(directory, [file], hash, now)
  await writeHashCache(directory, [file, rootfs], 'c'.repeat(64), now)
  expect(await readHashCache(directory, [file])).toBe(hash)
  expect(await readHashCache(directory, [file, rootfs])).toBe('c'.repeat(64))
})

test.each<[string, Partial<InspectedFile>]>([
  ['another path', { path: '/images/two.tar' }],
  ['another device, inode, size or time', { state: '1:2:5:4' }],
  ['another time of change', { changedAt: now - 4_999 }],
])('a file with %s has no hash in the cache', async (_, other) => {
  await writeHashCache(directory, [file], hash, now)
  expect(await readHashCache(directory, [{ ...file, ...other }])).toBeUndefined()
})

test.each([
  ['less than 2 seconds before it was hashed', now - 1_999],
  ['in the future', now + 60_000],
])('a file that was changed %s is not remembered', async (_, changedAt) => {
  await writeHashCache(directory, [{ ...file, changedAt }], hash, now)
  expect(await readHashCache(directory, [{ ...file, changedAt }])).toBeUndefined()
})

test.each(['', '{', 'null', '[]', '{"state":"1:2:5:3"}', 'garbage\0'])(
  'a cache file of %j is ignored',
  async (text) => {
    await writeHashCache(directory, [file], hash, now)
    const [name = ''] = readdirSync(directory)
    writeFileSync(join(directory, name), text)
    expect(await readHashCache(directory, [file])).toBeUndefined()
    await writeHashCache(directory, [file], hash, now)
    expect(await readHashCache(directory, [file])).toBe(hash)
  },
)

test('an entry whose fingerprint is none is ignored', async () => {
  await writeHashCache(directory, [file], 'x', now)
  expect(await readHashCache(directory, [file])).toBeUndefined()
})

test('runs that write at the same time leave one whole entry', async () => {
  await Promise.all(Array.from({ length: 20 }, () => writeHashCache(directory, [file], hash, now)))
  expect(readdirSync(directory)).toHaveLength(1)
  expect(await readHashCache(directory, [file])).toBe(hash)
  expect(statSync(directory).mode & 0o777).toBe(0o700)
})

test('a cache that cannot be written is no error', async () => {
  writeFileSync(join(directory, '..', 'file'), '')
  const wrong = join(directory, '..', 'file', 'fingerprints')
  await writeHashCache(wrong, [file], hash, now)
  expect(await readHashCache(wrong, [file])).toBeUndefined()
})

test('fingerprintOf reads no file whose hash is in the cache, and puts one there that is not', async () => {
  // A file that was not changed lately.
  const own = fileURLToPath(import.meta.url)
  const other = fileURLToPath(new URL('./image-files-on-disk.ts', import.meta.url))
  await writeHashCache(directory, [await inspectFile(own, 'read')], hash, Date.now())
  expect((await fingerprintOf(own, { cache: directory })).fingerprint).toBe(hash)
  const { fingerprint } = await fingerprintOf(other, { cache: directory })
  expect(readdirSync(directory).map((name) => readFileSync(join(directory, name), 'utf8'))).toEqual(
    expect.arrayContaining([expect.stringContaining(fingerprint)]),
  )
})

test('a file that was found whole is not checked again while it is unchanged', async () => {
  const own = fileURLToPath(import.meta.url)
  const cache = { directory, kind: 'format' } as const
  await expect(checkImageFiles(own, { cache: directory })).rejects.toMatchObject({ code: 'file-damaged' })
  const before = await inspectFile(own, 'read')
  // Only an entry says that this text is a gzip file.
  await writeStateCache(cache, [{ ...before, state: 'another' }], 'gzip', Date.now())
  await expect(checkImageFiles(own, { cache: directory })).rejects.toMatchObject({ code: 'file-damaged' })
  await writeStateCache(cache, [before], 'no format', Date.now())
  await expect(checkImageFiles(own, { cache: directory })).rejects.toMatchObject({ code: 'file-damaged' })
  await writeStateCache(cache, [before], 'gzip', Date.now())
  await checkImageFiles(own, { cache: directory })
})
