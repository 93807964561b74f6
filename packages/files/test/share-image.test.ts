import { appendFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { shareImage } from '../src/index.ts'
import { temporaryDirectory, writeImage, writeSplitImage } from './image-files-on-disk.ts'
import { serveImages } from './serve-images.ts'

const directory = temporaryDirectory()

describe('an image for several servers', () => {
  test('a shared image is uploaded whole to the other servers if one fails', async () => {
    const file = writeImage(directory, 'shared', 5_000_000)
    const servers = [serveImages('lxd'), serveImages('incus'), serveImages('lxd')]
    const broken = serveImages('lxd')
    broken.meddle = async (request, send) => {
      if (request.method !== 'POST') return send(request)
      await request.body?.getReader().read()
      throw Object.assign(new Error('connection reset'), { code: 'ECONNRESET' })
    }
    const image = shareImage(file.path, { sha256: file.fingerprint, servers: 4 })
    const ends = await Promise.allSettled([...servers, broken].map(({ client }) => image.upload(client)))
    expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'rejected'])
    for (const { client } of servers)
      expect((await client.images.get(file.fingerprint)).size).toBe(file.bytes.byteLength)
  })

  test('a shared image can be split, and can exist on a server already', async () => {
    const { metadata, rootfs, fingerprint } = writeSplitImage(directory, 'split', 3_000_000)
    const [one, two] = [serveImages('lxd'), serveImages('incus')]
    const files = { metadata: metadata.path, rootfs: rootfs.path }
    const image = shareImage(files, { sha256: fingerprint, servers: 2 })
    await Promise.all([image.upload(one.client), image.upload(two.client)])
    expect(await two.client.images.get(fingerprint)).toMatchObject({ fingerprint })
    await image.upload(one.client, { properties: { a: 'b' } })
    expect((await one.client.images.get(fingerprint)).properties).toMatchObject({ a: 'b' })
  })

  test('a shared image is uploaded to no server if its fingerprint is not the expected one', async () => {
    const file = writeImage(directory, 'changed')
    appendFileSync(file.path, 'x')
    const { client } = serveImages('lxd')
    const image = shareImage(file.path, { sha256: file.fingerprint, servers: 2 })
    await expect(image.upload(client)).rejects.toMatchObject({ code: 'fingerprint-mismatch' })
    await expect(image.upload(client)).rejects.toMatchObject({ code: 'fingerprint-mismatch' })
    expect(await client.images.list()).toEqual([])
  })
})
