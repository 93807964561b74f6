import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'

/** A folder that is deleted after the tests of this file. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'hk-files-'))
  afterAll(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

export interface FileOnDisk {
  path: string
  bytes: Buffer
  fingerprint: string
}

/** Writes a unified image, uncompressed. Its fingerprint depends on `name`. */
export function writeImage(directory: string, name: string, size = 0): FileOnDisk {
  const entries = [metadata(name), entry('rootfs/', '', '5'), entry('rootfs/filler', filler(name, size))]
  return write(join(directory, `${name}.tar`), Buffer.concat([...entries, Buffer.alloc(1024)]))
}

export function writeSplitImage(
  directory: string,
  name: string,
  size: number,
  magic = 'hsqs',
): { metadata: FileOnDisk; rootfs: FileOnDisk; fingerprint: string } {
  const first = write(
    join(directory, `${name}.metadata.tar`),
    Buffer.concat([metadata(name), Buffer.alloc(1024)]),
  )
  const rootfs = write(
    join(directory, `${name}.rootfs`),
    Buffer.concat([head(magic, size), filler(name, size)]),
  )
  return { metadata: first, rootfs, fingerprint: hash(first.bytes, rootfs.bytes) }
}

/** The superblock of a squashfs, or the header of a qcow2 file without clusters. */
function head(magic: string, size: number): Buffer {
  const bytes = Buffer.alloc(96)
  bytes.write(magic, 'latin1')
  if (magic === 'hsqs') bytes.writeBigUInt64LE(BigInt(size), 40)
  else bytes.writeUInt32BE(16, 20)
  return bytes
}

export function write(path: string, bytes: Buffer): FileOnDisk {
  writeFileSync(path, bytes)
  return { path, bytes, fingerprint: hash(bytes) }
}

export function hash(...parts: Uint8Array[]): string {
  const all = createHash('sha256')
  for (const part of parts) all.update(part)
  return all.digest('hex')
}

function metadata(name: string): Buffer {
  return entry(
    'metadata.yaml',
    `architecture: x86_64\ncreation_date: 1700000000\nproperties:\n  description: ${name}\n`,
  )
}

function filler(name: string, size: number): Buffer {
  const line = createHash('sha256').update(name).digest()
  return Buffer.alloc(size, line)
}

function entry(name: string, content: string | Buffer, type = '0'): Buffer {
  const bytes = Buffer.from(content)
  const head = Buffer.alloc(512)
  const octal = (value: number, width: number): string => `${value.toString(8).padStart(width - 1, '0')}\0`
  const fields: [number, string][] = [
    [0, name],
    [100, octal(0o755, 8)],
    [108, octal(0, 8)],
    [116, octal(0, 8)],
    [124, octal(bytes.byteLength, 12)],
    [136, octal(1_700_000_000, 12)],
    [148, '        '],
    [156, type],
    [257, 'ustar\x0000'],
  ]
  for (const [at, text] of fields) head.write(text, at, 'latin1')
  head.write(
    octal(
      head.reduce((sum, byte) => sum + byte, 0),
      8,
    ),
    148,
    'latin1',
  )
  const padding = Buffer.alloc((512 - (bytes.byteLength % 512)) % 512)
  return Buffer.concat([head, bytes, padding])
}
