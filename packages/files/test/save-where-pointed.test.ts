import { spawn, spawnSync } from 'node:child_process'
import {
  linkSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { beforeEach, expect, test } from 'vitest'
import { saveImage, uploadImage } from '../src/index.ts'
import { type FileOnDisk, temporaryDirectory, writeImage } from './image-files-on-disk.ts'
import { type ServedImages, serveImages } from './serve-images.ts'

const parent = temporaryDirectory()
let served: ServedImages
let directory: string
let image: FileOnDisk
beforeEach(async () => {
  served = serveImages('incus')
  directory = mkdtempSync(join(parent, 'save-'))
  image = writeImage(mkdtempSync(join(parent, 'image-')), 'pointed', 200_000)
  await uploadImage(served.client, image.path)
})

test('saveImage replaces the file behind a link and keeps the link, and writes to a FIFO', async () => {
  const target = join(mkdtempSync(join(parent, 'target-')), 'old')
  writeFileSync(target, 'old')
  symlinkSync(target, join(directory, 'link'))
  const saved = await saveImage(served.client, image.fingerprint, { path: join(directory, 'link') })
  expect(saved).toMatchObject({ kind: 'unified', path: target })
  expect(readFileSync(target).equals(image.bytes)).toBe(true)
  expect(readdirSync(directory)).toEqual(['link'])

  const fifo = join(directory, 'fifo')
  spawnSync('mkfifo', [fifo])
  const writing = saveImage(served.client, image.fingerprint, { path: fifo })
  const reader = spawn('cat', [fifo])
  expect((await buffer(reader.stdout)).equals(image.bytes)).toBe(true)
  expect(await writing).toMatchObject({ path: fifo, received: image.bytes.byteLength })
  expect(lstatSync(fifo).isFIFO()).toBe(true)
})

test('saveImage leaves a part alone that is a link, or has a second name: its target does not become the image', async () => {
  const target = join(mkdtempSync(join(parent, 'target-')), 'precious')
  for (const plant of [symlinkSync, linkSync])
    for (const name of [`${image.fingerprint}.part`, `${image.fingerprint}.99999999-00000000.part`]) {
      const into = mkdtempSync(join(parent, 'planted-'))
      writeFileSync(target, 'precious')
      plant(target, join(into, name))
      await saveImage(served.client, image.fingerprint, into)
      expect(readFileSync(target, 'utf8')).toBe('precious')
      expect(readdirSync(into).sort()).toEqual([name, `${image.fingerprint}.tar`].sort())
    }
})
