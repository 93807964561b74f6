import { mkdtempSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { saveImage, uploadImage } from '../src/index.ts'
import { temporaryDirectory, writeImage } from './image-files-on-disk.ts'
import { isExport, serveImages } from './serve-images.ts'

const parent = temporaryDirectory()

test('saveImage stops when a server sends more than the image has, and keeps nothing of it', async () => {
  const served = serveImages('incus')
  const image = writeImage(parent, 'image', 200_000)
  await uploadImage(served.client, image.path, { aliases: ['os/release'] })
  served.meddle = async (request, send) => {
    if (!isExport(request)) return send(request)
    const piece = new Uint8Array(65_536).fill(1)
    const endless = new ReadableStream<Uint8Array>({ pull: (controller) => controller.enqueue(piece) })
    return new Response(endless, { headers: { 'content-type': 'application/octet-stream' } })
  }
  const directory = mkdtempSync(join(parent, 'save-'))
  const size = image.bytes.byteLength
  await expect(saveImage(served.client, 'os/release', directory)).rejects.toMatchObject({
    code: 'unexpected-answer',
    message: expect.stringContaining(`sends more than the ${size} bytes that the image has by its record`),
  })
  expect(readdirSync(directory)).toEqual([])
})
