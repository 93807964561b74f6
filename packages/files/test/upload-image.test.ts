import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { FingerprintMismatchError } from '@hyperkit/core'
import { beforeEach, describe, expect, test } from 'vitest'
import { type ImageFiles, uploadImage } from '../src/index.ts'
import { temporaryDirectory, write, writeImage, writeSplitImage } from './image-files-on-disk.ts'
import { type ServedImages, serveImages } from './serve-images.ts'

const directory = temporaryDirectory()

describe.each(['lxd', 'incus'] as const)('uploadImage to an embedded %s', (dialect) => {
  let served: ServedImages
  beforeEach(() => {
    served = serveImages(dialect)
  })
  const bodiesSent = (): number =>
    served.seen.filter(({ method, path, hasBody }) => method === 'POST' && path === '/1.0/images' && hasBody)
      .length

  test('uploadImage uploads a unified image and asserts its fingerprint', async () => {
    const file = writeImage(directory, `unified-${dialect}`, 100_000)
    const image = await uploadImage(served.client, file.path, { aliases: ['a/b'], properties: { os: 'x' } })
    expect(image).toMatchObject({
      fingerprint: file.fingerprint,
      size: file.bytes.byteLength,
      filename: `unified-${dialect}.tar`,
      properties: { os: 'x' },
    })
    expect((await served.client.images.getByAlias('a/b')).fingerprint).toBe(file.fingerprint)
    const posted = served.seen.filter(({ hasBody, method }) => hasBody && method === 'POST')
    expect(posted.map(({ fingerprint }) => fingerprint)).toContain(file.fingerprint)
  })

  test('uploadImage sends no body for an image that the server has, and sets its attributes', async () => {
    const file = writeImage(directory, `known-${dialect}`, 1000)
    await uploadImage(served.client, file.path)
    served.seen.length = 0
    const image = await uploadImage(served.client, file.path, {
      aliases: [{ name: 'late', description: 'came later' }],
      properties: { release: '2' },
      public: true,
    })
    expect(image).toMatchObject({ public: true, properties: { release: '2' } })
    expect(await served.client.aliases.get('late')).toMatchObject({ target: file.fingerprint })
    expect(bodiesSent()).toBe(0)
  })

  test('uploadImage uploads a split image, and recognises a virtual machine by its disk', async () => {
    for (const [magic, type] of [
      ['hsqs', 'container'],
      ['QFI\xfb', 'virtual-machine'],
    ] as const) {
      const { metadata, rootfs, fingerprint } = writeSplitImage(
        directory,
        `split-${type}-${dialect}`,
        1000,
        magic,
      )
      const image = await uploadImage(served.client, { metadata: metadata.path, rootfs: rootfs.path })
      expect(image).toMatchObject({ fingerprint, type })
    }
  })

  test('uploadImage sends nothing if the file is not the expected one', async () => {
    const file = writeImage(directory, `unexpected-${dialect}`)
    const uploading = uploadImage(served.client, file.path, { sha256: 'a'.repeat(64) })
    await expect(uploading).rejects.toBeInstanceOf(FingerprintMismatchError)
    await expect(uploading).rejects.toMatchObject({ expected: 'a'.repeat(64), actual: file.fingerprint })
    await expect(uploadImage(served.client, file.path, { sha256: 'a' })).rejects.toMatchObject({
      argument: 'sha256',
    })
    expect(served.seen).toEqual([])
    expect(
      await uploadImage(served.client, file.path, { sha256: file.fingerprint.toUpperCase() }),
    ).toMatchObject({
      fingerprint: file.fingerprint,
    })
  })

  test('a file that is not complete is refused before anything is sent, unless it is forced', async () => {
    const { path, bytes } = writeImage(directory, `cut-${dialect}`, 100_000)
    write(path, bytes.subarray(0, 60_000))
    const uploading = uploadImage(served.client, path, { aliases: ['cut'] })
    await expect(uploading).rejects.toMatchObject({ code: 'file-damaged' })
    await expect(uploading).rejects.toThrow(
      `Cannot upload ${JSON.stringify(path)}: its end is missing: its last member is not complete; build or copy the file again`,
    )
    expect(served.seen).toEqual([])
    expect(await uploadImage(served.client, path, { force: true })).toMatchObject({ size: 60_000 })
  })

  test('the files of a split image in the wrong order are refused, and so is what is not an image file', async () => {
    const { metadata, rootfs } = writeSplitImage(directory, `order-${dialect}`, 1000)
    const page = write(join(directory, `page-${dialect}.html`), Buffer.from('<!DOCTYPE html><html></html>'))
    const refused: [files: ImageFiles, why: string][] = [
      [{ metadata: rootfs.path, rootfs: metadata.path }, 'it is a squashfs, not metadata'],
      [{ metadata: metadata.path, rootfs: page.path }, 'it is a web page; an image file is a tar'],
      [page.path, 'it is a web page'],
      [writeSplitImage(directory, `disk-${dialect}`, 9, 'QFI\xfb').rootfs.path, 'it is a disk image'],
    ]
    for (const [files, why] of refused) {
      const uploading = uploadImage(served.client, files)
      await expect(uploading, why).rejects.toMatchObject({ code: 'file-damaged' })
      await expect(uploading).rejects.toThrow(why)
    }
    expect(served.seen).toEqual([])
  })

  test('uploadImage returns a running operation if it should not wait', async () => {
    const file = writeImage(directory, `handle-${dialect}`)
    const handle = await uploadImage(served.client, file.path, { sync: false })
    expect(await handle.wait()).toMatchObject({ fingerprint: file.fingerprint })
  })

  test('uploadImage uploads no file that changed after it was hashed', async () => {
    const file = writeImage(directory, `changing-${dialect}`, 1000)
    const uploading = uploadImage(served.client, file.path, {
      onProgress: ({ stage }) => stage === 'fingerprint' && appendFileSync(file.path, 'more'),
    })
    await expect(uploading).rejects.toThrow('it was changed in the meantime')
    expect(await served.client.images.fingerprints()).toEqual([])
  })

  test('uploadImage rejects with the reason of an abort and leaves no image on the server', async () => {
    const file = writeImage(directory, `aborted-${dialect}`, 5_000_000)
    const aborter = new AbortController()
    const uploading = uploadImage(served.client, file.path, {
      signal: aborter.signal,
      onProgress: ({ stage }) => stage === 'upload' && aborter.abort(new Error('enough')),
    })
    await expect(uploading).rejects.toThrow('enough')
    expect(await served.client.images.fingerprints()).toEqual([])
  })

  test('uploadImage hashes a large file while it is sent, but before that if an image of the server has its size', async () => {
    const big = 65 * 1024 * 1024
    const [first, second] = ['one', 'two'].map((name) => writeImage(directory, `${name}-${dialect}`, big))
    if (!first || !second) throw new Error('unreachable')
    const asserted: (string | null)[] = []
    for (const file of [first, second, first]) {
      expect(await uploadImage(served.client, file.path)).toMatchObject({ fingerprint: file.fingerprint })
      for (const { hasBody, fingerprint } of served.seen) if (hasBody) asserted.push(fingerprint)
      served.seen.length = 0
    }
    expect(asserted).toEqual([null, second.fingerprint])
  })

  test('uploadImage deletes an image that was damaged on its way', async () => {
    const file = writeImage(directory, `damaged-${dialect}`, 65 * 1024 * 1024)
    served.meddle = (request, send) => {
      if (request.method !== 'POST' || request.body === null) return send(request)
      let at = 0
      const body = request.body.pipeThrough(
        new TransformStream<Uint8Array, Uint8Array>({
          transform(bytes, controller) {
            const copy = bytes.slice()
            if (at === 0) copy[copy.byteLength - 1] = 99
            at += copy.byteLength
            controller.enqueue(copy)
          },
        }),
      )
      const init = { method: 'POST', headers: request.headers, body, duplex: 'half' }
      return send(new Request(request.url, init as RequestInit))
    }
    const uploading = uploadImage(served.client, file.path)
    await expect(uploading).rejects.toBeInstanceOf(FingerprintMismatchError)
    await expect(uploading).rejects.toThrow('the damaged image was deleted there')
    expect(await served.client.images.fingerprints()).toEqual([])
  })
})
