import { spawnSync } from 'node:child_process'
import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { FingerprintMismatchError } from '@hyperkit/core'
import { beforeEach, describe, expect, test } from 'vitest'
import { saveImage, uploadImage } from '../src/index.ts'
import { type FileOnDisk, temporaryDirectory, writeImage, writeSplitImage } from './image-files-on-disk.ts'
import { breakAfter, changeBody, isExport, type ServedImages, serveImages } from './serve-images.ts'

const parent = temporaryDirectory()

describe.each(['lxd', 'incus'] as const)('saveImage from an embedded %s', (dialect) => {
  let served: ServedImages
  let directory: string
  let image: FileOnDisk
  beforeEach(async () => {
    served = serveImages(dialect)
    directory = mkdtempSync(join(parent, 'save-'))
    image = writeImage(mkdtempSync(join(parent, 'image-')), `image-${dialect}`, 200_000)
    await uploadImage(served.client, image.path, { aliases: ['os/release'] })
    served.seen.length = 0
  })
  const named = (): string => join(directory, `${image.fingerprint}.tar`)
  const ranges = (): (string | null)[] =>
    served.seen.filter(({ path }) => path.endsWith('/export')).map(({ range }) => range)

  test('saveImage names the file after the fingerprint, for an alias, a fingerprint and the beginning of one', async () => {
    for (const reference of [
      'os/release',
      image.fingerprint,
      image.fingerprint.toUpperCase(),
      image.fingerprint.slice(0, 12),
      image.fingerprint.slice(0, 5),
      { alias: 'os/release' },
      { fingerprint: image.fingerprint.slice(0, 12) },
    ]) {
      const into = mkdtempSync(join(parent, 'reference-'))
      expect(await saveImage(served.client, reference, into)).toEqual({
        kind: 'unified',
        fingerprint: image.fingerprint,
        path: join(into, `${image.fingerprint}.tar`),
        size: image.bytes.byteLength,
        received: image.bytes.byteLength,
      })
      expect(readdirSync(into)).toEqual([`${image.fingerprint}.tar`])
    }
  })

  test('saveImage takes a text for an alias if that exists, and otherwise for the beginning of a fingerprint', async () => {
    const other = writeImage(parent, `other-${dialect}`)
    const alias = image.fingerprint.slice(0, 12)
    await uploadImage(served.client, other.path, { aliases: [alias] })
    expect((await saveImage(served.client, alias, directory)).fingerprint).toBe(other.fingerprint)
    expect((await saveImage(served.client, { fingerprint: alias }, directory)).fingerprint).toBe(
      image.fingerprint,
    )
  })

  test('saveImage reports an alias or fingerprint that does not exist', async () => {
    await expect(saveImage(served.client, 'no/such', directory)).rejects.toMatchObject({ code: 'not-found' })
    await expect(saveImage(served.client, { alias: 'no/such' }, directory)).rejects.toMatchObject({
      code: 'not-found',
    })
    await expect(saveImage(served.client, 'f'.repeat(64), directory)).rejects.toMatchObject({
      code: 'not-found',
    })
    await expect(saveImage(served.client, '', directory)).rejects.toMatchObject({
      code: 'image-identifier-required',
    })
    expect(readdirSync(directory)).toEqual([])
  })

  test('saveImage saves under the path that the caller gives, or under the name of the upload if asked', async () => {
    const path = join(directory, 'mine.img')
    expect(await saveImage(served.client, 'os/release', { path })).toMatchObject({ path })
    const saved = await saveImage(served.client, 'os/release', directory, { filename: 'server' })
    expect(saved).toMatchObject({ path: join(directory, `image-${dialect}.tar`) })
    expect(readFileSync(path).equals(image.bytes)).toBe(true)
  })

  test('saveImage never lets the server decide where bytes go', async () => {
    const evil = writeImage(parent, `evil-${dialect}`)
    await uploadImage(served.client, evil.path, { filename: '../../evil.tar' })
    const asked = saveImage(served.client, evil.fingerprint, directory, { filename: 'server' })
    await expect(asked).rejects.toMatchObject({ code: 'invalid-argument', argument: 'filename' })
    served.meddle = async (request, send) => {
      const response = await send(request)
      if (!isExport(request)) return response
      const headers = new Headers(response.headers)
      headers.set('content-disposition', 'inline;filename="../../evil.tar.xz"')
      return new Response(response.body, { status: response.status, headers })
    }
    await saveImage(served.client, evil.fingerprint, directory)
    expect(readdirSync(directory)).toEqual([`${evil.fingerprint}.tar.xz`])
  })

  test('saveImage downloads nothing if the file exists already, and replaces a file with other content', async () => {
    await saveImage(served.client, image.fingerprint, directory)
    served.seen.length = 0
    const again = await saveImage(served.client, image.fingerprint, directory)
    expect(again).toMatchObject({ path: named(), received: 0, size: image.bytes.byteLength })
    expect(served.seen).toEqual([])
    appendFileSync(named(), 'damage')
    expect(await saveImage(served.client, image.fingerprint, directory)).toMatchObject({
      received: image.bytes.byteLength,
    })
    expect(readFileSync(named()).equals(image.bytes)).toBe(true)
  })

  test('saveImage continues a transfer that breaks off at the byte at which it broke off', async () => {
    served.meddle = async (request, send) => {
      const response = await send(request)
      return isExport(request) && ranges().length <= 3 ? breakAfter(response, 50_000) : response
    }
    const saved = await saveImage(served.client, image.fingerprint, directory)
    expect(saved).toMatchObject({ received: image.bytes.byteLength })
    expect(ranges()).toEqual([null, 'bytes=50000-', 'bytes=100000-', 'bytes=150000-'])
    expect(readFileSync(named()).equals(image.bytes)).toBe(true)
    expect(readdirSync(directory)).toEqual([`${image.fingerprint}.tar`])
  })

  test('saveImage gives up if a continuation makes no progress, and the next call continues the part that was kept', async () => {
    served.meddle = async (request, send) => {
      const response = await send(request)
      return isExport(request) ? breakAfter(response, ranges().length === 1 ? 50_000 : 0) : response
    }
    const part = join(directory, `${image.fingerprint}.part`)
    const saving = saveImage(served.client, image.fingerprint, directory)
    await expect(saving).rejects.toMatchObject({ code: 'interrupted' })
    await expect(saving).rejects.toThrow(`50000 bytes are kept in ${JSON.stringify(part)}: save again`)
    expect(readFileSync(part).equals(image.bytes.subarray(0, 50_000))).toBe(true)
    served.meddle = undefined
    const saved = await saveImage(served.client, image.fingerprint, directory)
    expect(saved).toMatchObject({ received: image.bytes.byteLength - 50_000 })
    expect(readdirSync(directory)).toEqual([`${image.fingerprint}.tar`])
  })

  test('saveImage gives up after five continuations', async () => {
    served.meddle = async (request, send) => {
      const response = await send(request)
      return isExport(request) ? breakAfter(response, 10_000) : response
    }
    const saving = saveImage(served.client, image.fingerprint, directory)
    await expect(saving).rejects.toThrow('60000 bytes are kept')
    expect(ranges().length).toBe(6)
  })

  test('saveImage starts over if the part is not the beginning of the image', async () => {
    const part = join(directory, `${image.fingerprint}.part`)
    for (const size of [1000, image.bytes.byteLength, image.bytes.byteLength + 1000]) {
      writeFileSync(part, Buffer.alloc(size, 'x'))
      const saved = await saveImage(served.client, image.fingerprint, directory)
      expect(saved).toMatchObject({ path: named() })
      expect(readFileSync(named()).equals(image.bytes)).toBe(true)
      expect(readdirSync(directory)).toEqual([`${image.fingerprint}.tar`])
      writeFileSync(named(), 'gone')
    }
  })

  test('saveImage renames a part that is complete, and downloads nothing', async () => {
    writeFileSync(join(directory, `${image.fingerprint}.part`), image.bytes)
    const saved = await saveImage(served.client, image.fingerprint, { path: named() })
    expect(saved).toMatchObject({ path: named(), received: image.bytes.byteLength })
    const into = mkdtempSync(join(parent, 'whole-'))
    const path = join(into, 'whole')
    writeFileSync(`${path}.${image.fingerprint.slice(0, 12)}.part`, image.bytes)
    served.seen.length = 0
    expect(await saveImage(served.client, image.fingerprint, { path })).toMatchObject({ path, received: 0 })
    expect(served.seen).toEqual([])
  })

  test('saveImage continues the part of a process that was killed, and not that of a running one', async () => {
    const dead = spawnSync(process.execPath, ['--version']).pid
    const left = join(directory, `${image.fingerprint}.${dead}-0123abcd.part`)
    const living = join(directory, `${image.fingerprint}.1-0123abcd.part`)
    for (const path of [left, living]) writeFileSync(path, image.bytes.subarray(0, 70_000))
    await saveImage(served.client, image.fingerprint, directory)
    expect(ranges()).toEqual(['bytes=70000-'])
    expect(readdirSync(directory).sort()).toEqual([
      `${image.fingerprint}.1-0123abcd.part`,
      `${image.fingerprint}.tar`,
    ])
  })

  test('saveImage discards wrong content, and leaves the old file unchanged', async () => {
    const path = join(directory, 'base.img')
    writeFileSync(path, 'the good old file')
    served.meddle = async (request, send) => {
      const response = await send(request)
      return isExport(request) ? changeBody(response, (bytes) => bytes.fill(7)) : response
    }
    const saving = saveImage(served.client, image.fingerprint, { path })
    await expect(saving).rejects.toBeInstanceOf(FingerprintMismatchError)
    await expect(saving).rejects.toMatchObject({ expected: image.fingerprint })
    expect(readFileSync(path, 'utf8')).toBe('the good old file')
    expect(readdirSync(directory)).toEqual(['base.img'])
  })

  test('saveImage keeps the part after an abort, and rejects with the reason of the abort', async () => {
    const aborter = new AbortController()
    served.meddle = async (request, send) => {
      const response = await send(request)
      if (!isExport(request) || request.headers.has('range')) return response
      let passed = 0
      return changeBody(response, (bytes) => {
        passed += bytes.byteLength
        if (passed >= 100_000) aborter.abort(new Error('enough'))
        return bytes
      })
    }
    const saving = saveImage(served.client, image.fingerprint, directory, { signal: aborter.signal })
    await expect(saving).rejects.toThrow('enough')
    expect(readdirSync(directory)).toEqual([`${image.fingerprint}.part`])
    await saveImage(served.client, image.fingerprint, directory)
    expect(readFileSync(named()).equals(image.bytes)).toBe(true)
    expect(ranges().at(-1)).toMatch(/^bytes=\d+-$/)
  })

  test('saveImage can run twice at the same time for one image', async () => {
    const both = await Promise.all([1, 2].map(() => saveImage(served.client, image.fingerprint, directory)))
    for (const saved of both) expect(saved).toMatchObject({ path: named() })
    expect(readFileSync(named()).equals(image.bytes)).toBe(true)
    expect(readdirSync(directory)).toEqual([`${image.fingerprint}.tar`])
  })

  test('saveImage refuses a target that it cannot save to, and names it', async () => {
    const file = join(directory, 'file')
    writeFileSync(file, '')
    mkdirSync(join(directory, 'folder'))
    const cases: [Parameters<typeof saveImage>[2], string, string][] = [
      [join(directory, 'absent'), 'file-unwritable', 'there is no such directory'],
      [file, 'invalid-argument', 'it is not a directory'],
      [{ path: join(directory, 'folder') }, 'invalid-argument', 'it is a directory'],
      [{ path: join(directory, 'absent', 'x') }, 'file-unwritable', 'there is no such directory'],
      [{ path: 'a\0b' }, 'invalid-argument', 'the path of the file is needed'],
      ['', 'invalid-argument', 'a directory'],
    ]
    for (const [target, code, why] of cases) {
      const saving = saveImage(served.client, image.fingerprint, target)
      await expect(saving).rejects.toMatchObject({ code })
      await expect(saving).rejects.toThrow(why)
    }
    expect(ranges()).toEqual([])
  })

  test('saveImage saves with a secret that can be used once', async () => {
    const { secret } = await served.client.images.createSecret(image.fingerprint)
    await saveImage(served.client, image.fingerprint, directory, { secret })
    expect(readFileSync(named()).equals(image.bytes)).toBe(true)
    expect(served.seen.filter(({ method }) => method === 'GET').map(({ path }) => path)).toContain(
      `/1.0/images/${image.fingerprint}/export`,
    )
  })

  describe('with an image that is hashed in a thread of its own', () => {
    let large: FileOnDisk
    beforeEach(async () => {
      large = writeImage(mkdtempSync(join(parent, 'large-')), `large-${dialect}`, 65 * 1024 * 1024)
      await uploadImage(served.client, large.path)
      served.seen.length = 0
    })

    test('saveImage continues a transfer that breaks off, in the same call and in the next', async () => {
      const [first, second] = [20_000_000, 40_000_000]
      served.meddle = async (request, send) => {
        const response = await send(request)
        if (!isExport(request) || ranges().length > 3) return response
        return breakAfter(response, ranges().length < 3 ? first : 0)
      }
      await expect(saveImage(served.client, large.fingerprint, directory)).rejects.toMatchObject({
        code: 'interrupted',
      })
      const saved = await saveImage(served.client, large.fingerprint, directory)
      expect(ranges()).toEqual([null, `bytes=${first}-`, `bytes=${second}-`, `bytes=${second}-`])
      expect(saved).toMatchObject({ received: large.bytes.byteLength - second })
      expect(readFileSync(join(directory, `${large.fingerprint}.tar`)).equals(large.bytes)).toBe(true)
    })

    test('saveImage discards wrong content', async () => {
      served.meddle = async (request, send) => {
        const response = await send(request)
        return isExport(request) ? changeBody(response, (bytes) => bytes.fill(7)) : response
      }
      await expect(saveImage(served.client, large.fingerprint, directory)).rejects.toMatchObject({
        code: 'fingerprint-mismatch',
        expected: large.fingerprint,
      })
      expect(readdirSync(directory)).toEqual([])
    })
  })

  test('saveImage does not free memory that a server in this process still uses', async () => {
    for (const into of ['first', 'second']) {
      const path = join(directory, into)
      await saveImage(served.client, image.fingerprint, { path })
      expect(readFileSync(path).equals(image.bytes)).toBe(true)
    }
  })

  describe('with a split image', () => {
    let split: ReturnType<typeof writeSplitImage>
    beforeEach(async () => {
      split = writeSplitImage(mkdtempSync(join(parent, 'split-')), `split-${dialect}`, 100_000)
      await uploadImage(served.client, { metadata: split.metadata.path, rootfs: split.rootfs.path })
    })

    test('saveImage saves two files, and does not download them again', async () => {
      const saved = await saveImage(served.client, split.fingerprint, directory)
      if (saved.kind !== 'split') throw new Error('not split')
      expect(readFileSync(saved.metadata).equals(split.metadata.bytes)).toBe(true)
      expect(readFileSync(saved.rootfs).equals(split.rootfs.bytes)).toBe(true)
      expect(readdirSync(directory).length).toBe(2)
      expect(await saveImage(served.client, split.fingerprint, directory)).toMatchObject({
        kind: 'split',
        metadata: saved.metadata,
        rootfs: saved.rootfs,
        received: 0,
        size: saved.size,
      })
    })

    test('saveImage gives the two files the names that the caller chose', async () => {
      const path = join(directory, 'disk.img')
      expect(await saveImage(served.client, split.fingerprint, { path })).toMatchObject({
        rootfs: path,
        metadata: join(directory, 'meta-disk.img'),
      })
      const metadataPath = join(directory, 'facts.tar')
      expect(await saveImage(served.client, split.fingerprint, { path, metadataPath })).toMatchObject({
        rootfs: path,
        metadata: metadataPath,
      })
    })

    test('saveImage discards a transfer that breaks off or has wrong content', async () => {
      for (const spoil of [
        (response: Response) => breakAfter(response, 60_000),
        (response: Response) =>
          changeBody(response, (bytes) => {
            const copy = bytes.slice()
            const at = copy.byteLength === 10_000 ? 5000 : -1
            if (at >= 0) copy[at] = (copy[at] ?? 0) ^ 1
            return copy
          }),
      ]) {
        served.meddle = async (request, send) => {
          const response = await send(request)
          return isExport(request) ? spoil(response) : response
        }
        await expect(saveImage(served.client, split.fingerprint, directory)).rejects.toMatchObject({
          code: expect.stringMatching(/interrupted|fingerprint-mismatch/),
        })
        expect(readdirSync(directory)).toEqual([])
      }
    })
  })
})
