import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findDamage } from './find-damage.ts'

const folder = mkdtempSync(join(tmpdir(), 'hyperkit-whole-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const inspect = async (file: string): Promise<{ format: string | undefined; damage: string | undefined }> => {
  const { format, damage } = await findDamage(file, statSync(file).size, undefined)
  return { format, damage }
}

// Incompressible, and the same in each run.
const noise = Buffer.concat(
  Array.from({ length: 10_000 }, (_, index) => createHash('sha256').update(String(index)).digest()),
)

const tar = join(folder, 'image.tar')
beforeAll(() => {
  writeFileSync(join(folder, 'metadata.yaml'), 'architecture: x86_64\n')
  writeFileSync(join(folder, 'noise'), noise)
  execFileSync('tar', ['-C', folder, '-cf', tar, 'metadata.yaml', 'noise'])
})

/** A copy of the tar, compressed by the program that people use; undefined if it is not installed. */
function compress(program: string, ...args: string[]): Buffer | undefined {
  try {
    return execFileSync(program, [...args, '-c', tar], {
      maxBuffer: 10_000_000,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') return undefined
    throw error
  }
}

const compressions = [
  { format: 'gzip', make: () => gzipSync(readFileSync(tar)) },
  { format: 'xz', make: () => compress('xz') },
  { format: 'xz', make: () => compress('xz', '-T2', '--block-size=64KiB') },
  { format: 'zstd', make: () => compress('zstd', '-q') },
  { format: 'zstd', make: () => compress('zstd', '-q', '--no-check', '-19') },
  { format: 'bzip2', make: () => compress('bzip2') },
] as const

describe.each(compressions)('compressed with $format', ({ format, make }) => {
  test('a compressed file is whole once or several times in a row, and damaged wherever it is cut', async (context) => {
    const bytes = make()
    if (bytes === undefined) return context.skip(`${format} is not installed`)
    const file = join(folder, 'compressed')
    writeFileSync(file, bytes)
    expect(await inspect(file)).toEqual({ format, damage: undefined })
    appendFileSync(file, bytes)
    expect(await inspect(file)).toEqual({ format, damage: undefined })
    for (const left of [0.999, 0.9, 0.5, 0.4]) {
      writeFileSync(file, bytes)
      truncateSync(file, Math.floor(bytes.byteLength * left))
      expect((await inspect(file)).damage, `cut to ${left}`).toMatch(/missing/)
    }
    for (const few of [1, 3, 4]) {
      writeFileSync(file, bytes)
      truncateSync(file, bytes.byteLength - few)
      expect((await inspect(file)).damage, `${few} bytes short`).toMatch(/missing|padding/)
    }
  })
})

test.each(['gzip', 'xz', 'bzip2'] as const)('padding after a %s file is no damage', async (format) => {
  const bytes = compressions.find((each) => each.format === format)?.make()
  if (bytes === undefined) throw new Error(`${format} is not installed`)
  const file = join(folder, 'padded')
  writeFileSync(file, Buffer.concat([bytes, Buffer.alloc(4096)]))
  expect(await inspect(file)).toEqual({ format, damage: undefined })
})

test('a large gzip file causes no warning of a memory leak', async () => {
  const file = join(folder, 'large')
  writeFileSync(file, gzipSync(Buffer.alloc(12 * 1024 * 1024), { level: 0 }))
  const warnings: string[] = []
  const warn = ({ name }: Error): void => void warnings.push(name)
  process.on('warning', warn)
  try {
    expect(await inspect(file)).toEqual({ format: 'gzip', damage: undefined })
  } finally {
    process.off('warning', warn)
  }
  expect(warnings).toEqual([])
})

test('a zstd file may contain frames that decoders skip, before and after', async (context) => {
  const bytes = compress('zstd', '-q')
  if (bytes === undefined) return context.skip('zstd is not installed')
  const skipped = Buffer.from([0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3])
  const file = join(folder, 'skippable')
  writeFileSync(file, Buffer.concat([skipped, bytes, skipped]))
  expect(await inspect(file)).toEqual({ format: 'zstd', damage: undefined })
  truncateSync(file, bytes.byteLength + 20)
  expect((await inspect(file)).damage).toMatch(/missing/)
})

describe('tars', () => {
  test('a tar is whole with and without the zero blocks at its end, and damaged if it is cut in a member', async () => {
    const file = join(folder, 'cut.tar')
    const whole = readFileSync(tar)
    const dataEnd = 512 + 512 + 512 + noise.byteLength
    for (const size of [whole.byteLength, Math.ceil(dataEnd / 512) * 512, dataEnd]) {
      writeFileSync(file, whole.subarray(0, size))
      expect(await inspect(file), `${size} bytes`).toEqual({ format: 'tar', damage: undefined })
    }
    for (const size of [dataEnd - 1, 1200, 520]) {
      writeFileSync(file, whole.subarray(0, size))
      expect((await inspect(file)).damage, `${size} bytes`).toMatch(/missing/)
    }
  })

  test.each(['gnu', 'pax', 'v7', 'ustar', 'oldgnu'])(
    'a tar of the format %s is whole, long names and links included',
    async (format) => {
      const file = join(folder, `${format}.tar`)
      const long = 'n'.repeat(format === 'v7' || format === 'ustar' ? 90 : 150)
      writeFileSync(join(folder, long), 'x')
      execFileSync('ln', ['-sf', 'noise', join(folder, 'link')])
      execFileSync('ln', ['-f', join(folder, 'noise'), join(folder, 'hard')])
      execFileSync('tar', [
        '-C',
        folder,
        `--format=${format}`,
        '-cf',
        file,
        'noise',
        long,
        'link',
        'hard',
        'metadata.yaml',
      ])
      expect(await inspect(file)).toEqual({ format: 'tar', damage: undefined })
    },
  )

  test.each(['gnu', 'pax'])('a tar with a sparse file in the format %s is whole', async (format) => {
    const file = join(folder, `sparse-${format}.tar`)
    writeFileSync(join(folder, 'sparse'), 'begin')
    for (let hole = 1; hole <= 60; hole++) {
      truncateSync(join(folder, 'sparse'), hole * 100_000)
      appendFileSync(join(folder, 'sparse'), `data ${hole}`)
    }
    execFileSync('tar', ['-C', folder, '-S', `--format=${format}`, '-cf', file, 'sparse', 'metadata.yaml'])
    expect(await inspect(file)).toEqual({ format: 'tar', damage: undefined })
  })
})

test('a squashfs is whole with its padding, and not if it is shorter than its superblock says', async (context) => {
  const file = join(folder, 'rootfs.squashfs')
  try {
    execFileSync('mksquashfs', [join(folder, 'noise'), file, '-quiet', '-no-progress'], { stdio: 'ignore' })
  } catch {
    return context.skip('mksquashfs is not installed')
  }
  expect(await inspect(file)).toEqual({ format: 'squashfs', damage: undefined })
  truncateSync(file, 200_000)
  expect((await inspect(file)).damage).toMatch(/superblock gives a size of \d+ bytes, but it has 200000/)
})

/** A qcow2 file of three clusters of data, laid out as qemu-img does. */
function makeQcow2(): Buffer {
  const cluster = 65536
  const file = Buffer.alloc(cluster * 7)
  file.write('QFI\xfb', 0, 'latin1')
  file.writeUInt32BE(3, 4)
  file.writeUInt32BE(16, 20)
  file.writeBigUInt64BE(BigInt(cluster * 4), 24)
  file.writeUInt32BE(1, 36)
  file.writeBigUInt64BE(BigInt(cluster * 3), 40)
  file.writeBigUInt64BE(BigInt(cluster), 48)
  file.writeUInt32BE(1, 56)
  file.writeBigUInt64BE((1n << 63n) | BigInt(cluster * 4), cluster * 3)
  for (const [entry, at] of [5, 6].entries())
    file.writeBigUInt64BE((1n << 63n) | BigInt(cluster * at), cluster * 4 + entry * 8)
  return file
}

test('a qcow2 file is whole if all clusters that its tables name are within it', async () => {
  const file = join(folder, 'disk.qcow2')
  const whole = makeQcow2()
  writeFileSync(file, whole)
  expect(await inspect(file)).toEqual({ format: 'qcow2', damage: undefined })
  for (const clusters of [6, 5, 4.5, 2]) {
    writeFileSync(file, whole.subarray(0, clusters * 65536))
    expect((await inspect(file)).damage, `${clusters} clusters`).toMatch(/missing/)
  }
})

test.each([
  ['an HTML page', '<!DOCTYPE html><html><body>404 Not Found</body></html>'],
  ['a raw disk', Buffer.concat([Buffer.alloc(510), Buffer.from([0x55, 0xaa]), Buffer.alloc(4096)])],
  ['an empty disk', Buffer.alloc(8192)],
])('%s has none of the formats that servers take', async (_, content) => {
  const file = join(folder, 'else')
  writeFileSync(file, content)
  expect(await inspect(file)).toEqual({ format: undefined, damage: undefined })
})
