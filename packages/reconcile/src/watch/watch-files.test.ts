import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest'
import { type WatchedFiles, watchFiles } from './watch-files.ts'

const root = mkdtempSync(join(tmpdir(), 'hk-files-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

let folder: string
let files: WatchedFiles
let changes: number
let wake: () => void
beforeEach(() => {
  folder = mkdtempSync(join(root, 'case-'))
  changes = 0
  wake = () => {}
  files = watchFiles({
    settle: 20,
    onChange() {
      changes += 1
      wake()
    },
  })
})
afterEach(() => files.close())

const changed = (count: number): Promise<void> =>
  new Promise((resolve) => {
    wake = () => {
      if (changes >= count) resolve()
    }
    wake()
  })

test('a file that is written to and a file that is replaced are reported', async () => {
  const file = join(folder, 'images.yaml')
  writeFileSync(file, 'one')
  await files.follow([file])
  writeFileSync(file, 'two and more')
  await changed(1)
  writeFileSync(`${file}.new`, 'three')
  renameSync(`${file}.new`, file)
  await changed(2)
  rmSync(file)
  await changed(3)
  writeFileSync(file, 'four')
  await changed(4)
})

test('a link that is pointed at another file, and a change of its target, are reported', async () => {
  // As Kubernetes mounts a ConfigMap: images.yaml -> ..data/images.yaml, ..data -> ..1
  for (const version of ['..1', '..2']) {
    mkdirSync(join(folder, version))
    writeFileSync(join(folder, version, 'images.yaml'), version)
  }
  symlinkSync('..1', join(folder, '..data'))
  symlinkSync('..data/images.yaml', join(folder, 'images.yaml'))
  await files.follow([join(folder, 'images.yaml')])
  symlinkSync('..2', join(folder, '..new'))
  renameSync(join(folder, '..new'), join(folder, '..data'))
  await changed(1)
})

test('new manifests in a folder are reported, and other files are not', async () => {
  writeFileSync(join(folder, 'a.yaml'), 'a')
  await files.follow([folder])
  writeFileSync(join(folder, 'notes.txt'), 'x')
  readFileSync(join(folder, 'a.yaml'))
  writeFileSync(join(folder, 'b.yaml'), 'b')
  await changed(1)
  expect(changes).toBe(1)
})

test('the settled state of a file is its state at the last report', async () => {
  const file = join(folder, 'image')
  writeFileSync(file, 'one')
  await files.follow([file])
  const before = files.settled(file)
  appendFileSync(file, 'more')
  expect(files.settled(file)).toBe(before)
  await changed(1)
  expect(files.settled(file)).not.toBe(before)
  expect(files.settled(join(folder, 'other'))).toBeUndefined()
})
