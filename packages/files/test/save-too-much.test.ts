import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { saveImage, uploadImage } from '../src/index.ts'
import { temporaryDirectory, writeImage } from './image-files-on-disk.ts'
import { breakAfter, isExport, type ServedImages, serveImages } from './serve-images.ts'

const parent = temporaryDirectory()

/** Every export sends bytes for ever. */
function sendForEver(served: ServedImages): void {
  served.meddle = async (request, send) => {
    if (!isExport(request)) return send(request)
    const piece = new Uint8Array(65_536).fill(1)
    const endless = new ReadableStream<Uint8Array>({ pull: (controller) => controller.enqueue(piece) })
    return new Response(endless, { headers: { 'content-type': 'application/octet-stream' } })
  }
}

test('saveImage stops when a server sends more than the image has, and keeps nothing of it', async () => {
  const served = serveImages('incus')
  const image = writeImage(parent, 'image', 200_000)
  await uploadImage(served.client, image.path, { aliases: ['os/release'] })
  sendForEver(served)
  const refusal = {
    code: 'unexpected-answer',
    message: expect.stringContaining(
      `sends more than the ${image.bytes.byteLength} bytes that the image has by its record`,
    ),
  }
  const directory = mkdtempSync(join(parent, 'save-'))
  await expect(saveImage(served.client, 'os/release', directory)).rejects.toMatchObject(refusal)
  expect(readdirSync(directory)).toEqual([])

  const fifo = join(directory, 'fifo')
  spawnSync('mkfifo', [fifo])
  const reader = spawn('cat', [fifo], { stdio: ['ignore', 'ignore', 'inherit'] })
  const end = once(reader, 'exit')
  await expect(saveImage(served.client, 'os/release', { path: fifo })).rejects.toMatchObject(refusal)
  expect(await end).toEqual([0, null])
})

test('saveImage keeps what has arrived before a fault of TLS, and continues there', async () => {
  const served = serveImages('incus')
  const image = writeImage(parent, 'cut', 200_000)
  await uploadImage(served.client, image.path, { aliases: ['os/cut'] })
  served.meddle = async (request, send) => {
    const answer = await send(request)
    return isExport(request) ? breakAfter(answer, 50_000, new Error('EPROTO: bad record mac')) : answer
  }
  const directory = mkdtempSync(join(parent, 'save-'))
  await expect(saveImage(served.client, 'os/cut', directory)).rejects.toThrow(/bytes are kept in .*\.part"/)
  served.meddle = undefined
  const { received } = await saveImage(served.client, 'os/cut', directory)
  expect(received).toBeLessThan(image.bytes.byteLength)
})
