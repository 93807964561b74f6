import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { describe, expect, type TestContext, test } from 'vitest'
import { fingerprintOf, saveImage, uploadImage } from '../src/index.ts'
import { replaceFile } from '../src/parts.ts'
import { temporaryDirectory, writeImage } from './image-files-on-disk.ts'
import { serveImages } from './serve-images.ts'

const directory = temporaryDirectory()
// Everybody may enter it, so that only the file or the folder of the test is inaccessible.
chmodSync(directory, 0o755)
const nobody = 65534

/** Runs something with the rights of a user who owns nothing, since root may read and write everything. */
async function asNobody<T>(context: TestContext, run: () => Promise<T>): Promise<T> {
  const isRoot = process.geteuid?.() === 0
  if (!isRoot) return run()
  if (typeof process.seteuid !== 'function') return context.skip('this runtime cannot become another user')
  process.seteuid(nobody)
  try {
    return await run()
  } finally {
    process.seteuid(0)
  }
}

describe('without the permission', () => {
  test('a file that may not be read is refused by name, and nothing is sent', async (context) => {
    const served = serveImages('incus')
    const file = writeImage(directory, 'forbidden', 1000)
    chmodSync(file.path, 0o000)
    for (const attempt of [() => uploadImage(served.client, file.path), () => fingerprintOf(file.path)]) {
      await expect(asNobody(context, attempt)).rejects.toMatchObject({
        code: 'file-unreadable',
        message: expect.stringMatching(/"[^"]*forbidden\.tar": this user may not read it$/),
      })
    }
    expect(served.seen.filter(({ hasBody }) => hasBody)).toEqual([])
  })

  test('a directory that may not be written to is refused by name, and nothing is left in it', async (context) => {
    const served = serveImages('lxd')
    const file = writeImage(directory, 'kept', 1000)
    const { fingerprint } = await uploadImage(served.client, file.path)
    const closed = join(directory, 'closed')
    mkdirSync(closed)
    chmodSync(closed, 0o555)
    await expect(
      asNobody(context, () => saveImage(served.client, fingerprint, closed)),
    ).rejects.toMatchObject({
      code: 'file-unwritable',
      message: expect.stringMatching(/closed.*this user may not write there/),
    })
    expect(readdirSync(closed)).toEqual([])
  })

  test('a file of another user is replaced in a folder that this user may write to', async (context) => {
    const open = join(directory, 'open')
    mkdirSync(open)
    chmodSync(open, 0o777)
    const path = join(open, 'theirs')
    writeFileSync(path, 'old')
    chmodSync(path, 0o666)
    await asNobody(context, () => replaceFile(path, 'new'))
    expect(readFileSync(path, 'utf8')).toBe('new')
    expect(readdirSync(open)).toEqual(['theirs'])
  })
})
