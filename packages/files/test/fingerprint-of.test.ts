import { spawnSync } from 'node:child_process'
import { appendFileSync, mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { describe, expect, test } from 'vitest'
import { fingerprintOf } from '../src/index.ts'
import { temporaryDirectory, write, writeSplitImage } from './image-files-on-disk.ts'

const directory = temporaryDirectory()

describe('fingerprintOf', () => {
  test('fingerprintOf gives the SHA-256 of a file, also if it is longer than one piece', async () => {
    for (const size of [1, 1024 * 1024 - 1, 1024 * 1024, 1024 * 1024 + 1, 3 * 1024 * 1024]) {
      const file = write(join(directory, `size-${size}`), Buffer.alloc(size, 'some bytes'))
      expect(await fingerprintOf(file.path)).toEqual({ fingerprint: file.fingerprint, size })
    }
  })

  test('fingerprintOf gives one SHA-256 over metadata followed by rootfs', async () => {
    const { metadata, rootfs, fingerprint } = writeSplitImage(directory, 'split', 5000)
    const size = metadata.bytes.byteLength + rootfs.bytes.byteLength
    expect(await fingerprintOf({ metadata: metadata.path, rootfs: rootfs.path })).toEqual({
      fingerprint,
      size,
    })
  })

  test('fingerprintOf gives another fingerprint for a file that is overwritten, even if size and modification time stay', async () => {
    const path = join(directory, 'anew')
    const before = write(path, Buffer.from('one of four bytes'))
    // An old modification time; the time of the change itself cannot be set.
    utimesSync(path, 1_000_000_000, 1_000_000_000)
    expect((await fingerprintOf(path)).fingerprint).toBe(before.fingerprint)
    const after = write(path, Buffer.from('two of four bytes'))
    utimesSync(path, 1_000_000_000, 1_000_000_000)
    expect((await fingerprintOf(path)).fingerprint).toBe(after.fingerprint)
  })

  test('fingerprintOf follows symbolic links', async () => {
    const file = write(join(directory, 'linked'), Buffer.from('linked'))
    symlinkSync(file.path, join(directory, 'link'))
    expect((await fingerprintOf(join(directory, 'link'))).fingerprint).toBe(file.fingerprint)
  })

  test('fingerprintOf reports progress up to 100 percent', async () => {
    const file = write(join(directory, 'progress'), Buffer.alloc(3 * 1024 * 1024))
    const percents: (number | undefined)[] = []
    await fingerprintOf(file.path, { onProgress: ({ percent }) => percents.push(percent) })
    expect(percents.at(-1)).toBe(100)
  })

  test('fingerprintOf rejects with the reason of an abort', async () => {
    const file = write(join(directory, 'aborted'), Buffer.alloc(3 * 1024 * 1024))
    const aborter = new AbortController()
    const onProgress = (): void => aborter.abort(new Error('enough'))
    await expect(fingerprintOf(file.path, { signal: aborter.signal, onProgress })).rejects.toThrow('enough')
    await expect(fingerprintOf(file.path, { signal: aborter.signal })).rejects.toThrow('enough')
  })

  test('fingerprintOf notices that a file grows while it is read', async () => {
    const file = write(join(directory, 'growing'), Buffer.alloc(3 * 1024 * 1024))
    const onProgress = (): void => appendFileSync(file.path, 'more')
    const asked = fingerprintOf(file.path, { onProgress })
    await expect(asked).rejects.toMatchObject({ code: 'file-unreadable', argument: 'path' })
    await expect(asked).rejects.toThrow(`Cannot read "${file.path}": it was changed in the meantime`)
  })

  test('fingerprintOf refuses a path that is not an image file, and says why', async () => {
    mkdirSync(join(directory, 'folder'))
    writeFileSync(join(directory, 'empty'), '')
    symlinkSync('circle', join(directory, 'circle'))
    const cases: [string, string][] = [
      [join(directory, 'absent'), 'there is no such file'],
      [join(directory, 'empty', 'below'), 'there is no such file'],
      [join(directory, 'folder'), 'it is a directory; give the image file in it'],
      [join(directory, 'empty'), 'it is empty'],
      [join(directory, 'circle'), 'its symbolic links form a loop'],
    ]
    for (const [path, why] of cases) {
      const asked = fingerprintOf(path)
      await expect(asked).rejects.toThrow(`Cannot read ${JSON.stringify(path)}: ${why}`)
      await expect(asked).rejects.toMatchObject({ code: 'file-unreadable' })
    }
    await expect(fingerprintOf('')).rejects.toMatchObject({ code: 'invalid-argument' })
    await expect(fingerprintOf('a\0b')).rejects.toMatchObject({ code: 'invalid-argument' })
    await expect(
      fingerprintOf({ metadata: join(directory, 'linked'), rootfs: join(directory, 'empty') }),
    ).rejects.toThrow('empty')
  })

  test.skipIf(process.platform === 'win32')(
    'fingerprintOf refuses a named pipe without waiting',
    async () => {
      const path = join(directory, 'pipe')
      expect(spawnSync('mkfifo', [path]).status).toBe(0)
      await expect(fingerprintOf(path)).rejects.toThrow('it is not a regular file')
      await expect(fingerprintOf('/dev/null')).rejects.toThrow('it is not a regular file')
    },
  )
})
