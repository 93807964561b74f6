import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { checkImageFiles } from './check-image-files.ts'

const folder = mkdtempSync(join(tmpdir(), 'hyperkit-check-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const place = (name: string) => join(folder, name)
const pack = (name: string, ...members: string[]) => {
  execFileSync('tar', ['-C', folder, '-cf', place('packed'), ...members])
  writeFileSync(place(name), gzipSync(readFileSync(place('packed'))))
}

beforeAll(() => {
  mkdirSync(place('rootfs'))
  writeFileSync(place('metadata.yaml'), 'architecture: x86_64\ncreation_date: 1\n')
  writeFileSync(place('rootfs/hello'), 'hello')
  pack('metadata.tar.gz', 'metadata.yaml')
  pack('rootfs.tar.gz', '-C', place('rootfs'), 'hello')
  pack('image.tar.gz', 'rootfs', 'metadata.yaml')
  pack('hollow.tar.gz', 'rootfs')
  writeFileSync(place('rootfs/large'), '')
  truncateSync(place('rootfs/large'), 65 * 1024 * 1024)
  pack('late.tar.gz', 'rootfs', 'metadata.yaml')
  pack('large.tar.gz', 'rootfs')
  const squashfs = Buffer.alloc(4096)
  squashfs.write('hsqs')
  squashfs.writeBigUInt64LE(4096n, 40)
  writeFileSync(place('rootfs.squashfs'), squashfs)
  const qcow2 = Buffer.alloc(72)
  qcow2.write('QFI\xfb', 'latin1')
  qcow2.writeUInt32BE(3, 4)
  qcow2.writeUInt32BE(16, 20)
  writeFileSync(place('disk.qcow2'), qcow2)
})

const split = (metadata: string, rootfs: string, type?: 'container' | 'virtual-machine') => ({
  metadata: place(metadata),
  rootfs: place(rootfs),
  type,
})

test.for([
  ['an image', () => place('image.tar.gz')],
  ['an archive whose metadata.yaml is after the first 64 MiB', () => place('late.tar.gz')],
  ['an archive that is longer than what is read', () => place('large.tar.gz')],
  ['a squashfs, which is not read here', () => place('rootfs.squashfs')],
  ['a container of two archives', () => split('metadata.tar.gz', 'rootfs.tar.gz', 'container')],
  [
    'a container of an archive and a squashfs',
    () => split('metadata.tar.gz', 'rootfs.squashfs', 'container'),
  ],
  ['a virtual machine', () => split('metadata.tar.gz', 'disk.qcow2', 'virtual-machine')],
  ['a virtual machine whose type is not given', () => split('metadata.tar.gz', 'disk.qcow2')],
] as const)('%s passes', async ([, files]) => {
  await expect(checkImageFiles(files())).resolves.toBeUndefined()
})

test.for([
  ['an archive without metadata.yaml', () => place('hollow.tar.gz'), 'it holds no metadata.yaml'],
  [
    'a metadata file without metadata.yaml',
    () => split('rootfs.tar.gz', 'rootfs.squashfs'),
    'it holds no metadata.yaml',
  ],
  [
    'two archives in the wrong order',
    () => split('rootfs.tar.gz', 'metadata.tar.gz'),
    /^metadata\.yaml is in ".*metadata\.tar\.gz" instead$/,
  ],
  [
    'a large archive before its metadata',
    () => split('large.tar.gz', 'metadata.tar.gz'),
    /^metadata\.yaml is in ".*metadata\.tar\.gz" instead$/,
  ],
  [
    'a squashfs before its metadata',
    () => split('rootfs.squashfs', 'metadata.tar.gz'),
    'it is a squashfs, not metadata; give the metadata file before the root file system',
  ],
  [
    'a disk for a container',
    () => split('metadata.tar.gz', 'disk.qcow2', 'container'),
    'it is a qcow2, the disk of a virtual machine, but the type "container" was given',
  ],
  [
    'a squashfs for a virtual machine',
    () => split('metadata.tar.gz', 'rootfs.squashfs', 'virtual-machine'),
    'it is a squashfs, but the type "virtual-machine" was given, whose disk is a qcow2',
  ],
] as const)('%s is refused with the reason', async ([, files, reason]) => {
  await expect(checkImageFiles(files())).rejects.toMatchObject({
    code: 'file-damaged',
    reason: reason instanceof RegExp ? expect.stringMatching(reason) : reason,
  })
})
