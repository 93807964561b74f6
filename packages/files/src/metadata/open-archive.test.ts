import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { inspectImageFiles } from '../disk/image-files.ts'
import { openArchive, TooFarError } from './open-archive.ts'

const folder = mkdtempSync(join(tmpdir(), 'hyperkit-archive-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('a small zstd file that becomes large is decompressed as far as it is needed', async () => {
  const path = join(folder, 'bomb.zst')
  // A frame of unknown size with a window of 128 KiB, and blocks of one byte that stands for 128 KiB.
  const head = [0x28, 0xb5, 0x2f, 0xfd, 0, 7 << 3]
  const blocks = Array.from({ length: 1000 }, () => [0x02, 0, 0x10, 1])
  writeFileSync(path, Uint8Array.from([head, ...blocks].flat()))
  const [file] = await inspectImageFiles(path, 'read')
  if (file === undefined) throw new Error('the file was not found')
  const limit = 1024 * 1024
  let size = 0
  const read = async (): Promise<void> => {
    for await (const piece of openArchive(file, 'zstd', 'read', limit) ?? []) size += piece.byteLength
  }
  await expect(read()).rejects.toBeInstanceOf(TooFarError)
  expect(size).toBe(limit)
})
