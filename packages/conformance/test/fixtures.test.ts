import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { brokenImages, makeBrokenImage } from '../src/fixtures/make-broken-image.ts'
import { makeImage } from '../src/fixtures/make-image.ts'
import { makeSplitImage } from '../src/fixtures/make-split-image.ts'
import type { Compression } from '../src/fixtures/save-bytes.ts'

const compressions: Compression[] = ['none', 'gzip', 'xz', 'zstd']
let directory = ''

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'hk-fixtures-'))
  await mkdir(join(directory, 'again'))
})
afterAll(() => rm(directory, { recursive: true, force: true }))

describe('image files', () => {
  test.each(compressions)(
    'an image file compressed with %s is readable by tar, and identical when made again',
    async (compression) => {
      const options = { name: 'first', size: 3_000_000, compression, files: { 'etc/motd': 'hi\n' } }
      const image = await makeImage({ ...options, directory })
      const again = await makeImage({ ...options, directory: join(directory, 'again') })
      expect(again.fingerprint).toBe(image.fingerprint)
      expect(again.path).not.toBe(image.path)
      expect(await sha256(image.path)).toBe(image.fingerprint)
      expect((await stat(image.path)).size).toBe(image.size)
      expect(image.size).toBeGreaterThan(3_000_000)
      const names = execFileSync('tar', ['-tf', image.path], { encoding: 'utf8' }).trim().split('\n')
      expect(names[0]).toBe('metadata.yaml')
      expect(names).toEqual(
        expect.arrayContaining(['rootfs/', 'rootfs/bin/hello', 'rootfs/etc/motd', 'rootfs/var/filler']),
      )
    },
  )

  test('image files differ by seed, and an uncompressed one is identical on every runtime', async () => {
    const contents = { directory, compression: 'none', architecture: 'x86_64', size: 1000 } as const
    const one = await makeImage({ ...contents, name: 'same' })
    const other = await makeImage({ ...contents, name: 'same', seed: 'other' })
    expect(other.fingerprint).not.toBe(one.fingerprint)
    expect(one.fingerprint).toBe('2f1857cf5bf10cbf566f814b8da41888dec6b5b07884e5223d9ade400a9a5833')
  })

  test('an image file contains a program that runs', async () => {
    const image = await makeImage({ directory, name: 'runs' })
    execFileSync('tar', ['-xf', image.path, '-C', join(directory, 'again')])
    const words = execFileSync(join(directory, 'again/rootfs/bin/hello'), { encoding: 'utf8' })
    expect(words).toBe('hello from runs\n')
  })

  test('an image file has its properties in metadata.yaml, or has none', async () => {
    const properties = { os: 'a: b', 'with "quotes"': 'ü' }
    const { path } = await makeImage({ directory, name: 'said', properties, architecture: 'x86_64' })
    const yaml =
      'architecture: "x86_64"\ncreation_date: 1700000000\nproperties:\n  "os": "a: b"\n  "with \\"quotes\\"": "ü"\n'
    expect(metadataOf(path)).toBe(yaml)
    const without = await makeImage({ directory, name: 'unsaid', properties: null })
    expect(metadataOf(without.path)).not.toContain('properties')
  })

  test('an image file of 256 MiB is written with constant memory', async () => {
    const before = process.memoryUsage().rss
    let peak = before
    const watch = setInterval(() => {
      peak = Math.max(peak, process.memoryUsage().rss)
    }, 5)
    const image = await makeImage({ directory, name: 'large', size: 256 << 20, compression: 'none' })
    clearInterval(watch)
    await rm(image.path)
    expect(image.size).toBeGreaterThan(256 << 20)
    expect(peak - before).toBeLessThan(192 << 20)
  })

  test.each(['tar.gz', 'squashfs', 'qcow2'] as const)(
    'a split image with a rootfs of %s has one fingerprint over both files',
    async (rootfs) => {
      const image = await makeSplitImage({ directory, name: 'split', rootfs })
      const both = createHash('sha256')
      both.update(await readFile(image.metadata.path)).update(await readFile(image.rootfs.path))
      expect(image.fingerprint).toBe(both.digest('hex'))
      expect(image.type).toBe(rootfs === 'qcow2' ? 'virtual-machine' : 'container')
    },
  )

  test.each(brokenImages)(
    'a broken image file has the size and fingerprint of its bytes: %s',
    async (kind) => {
      const image = await makeBrokenImage({ directory, kind })
      expect(await sha256(image.path)).toBe(image.fingerprint)
      expect((await stat(image.path)).size).toBe(image.size)
    },
  )
})

async function sha256(path: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex')
}

function metadataOf(path: string): string {
  return execFileSync('tar', ['-xOf', path, 'metadata.yaml'], { encoding: 'utf8' })
}
