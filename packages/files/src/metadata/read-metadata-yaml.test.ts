import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readMetadataYaml } from './read-metadata-yaml.ts'

const folder = mkdtempSync(join(tmpdir(), 'hyperkit-metadata-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const text = 'architecture: x86_64\nproperties: { os: "Tïny" }\n'
const place = (name: string) => join(folder, name)
const pack = (name: string, ...members: string[]) =>
  execFileSync('tar', ['-C', folder, '--format=pax', '-cf', place(name), ...members])

beforeAll(() => {
  mkdirSync(place('rootfs'))
  writeFileSync(place('metadata.yaml'), text)
  writeFileSync(place('rootfs/large'), '')
  truncateSync(place('rootfs/large'), 65 * 1024 * 1024)
  writeFileSync(place(`rootfs/${'long'.repeat(60)}`), randomBytes(100_000))
  pack('image.tar', `rootfs/${'long'.repeat(60)}`, './metadata.yaml')
  pack('late.tar', 'rootfs/large', 'metadata.yaml')
  pack('without.tar', 'rootfs/large')
})

/** A compressed copy; false if the program is not installed. */
function compress(name: string, to: string, program: string, ...args: string[]): boolean {
  try {
    const options = { maxBuffer: 10_000_000, stdio: ['ignore', 'pipe', 'ignore'] as const }
    writeFileSync(
      place(to),
      execFileSync(program, [...args, '-c', place(name)], { ...options, stdio: [...options.stdio] }),
    )
    return true
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') return false
    throw error
  }
}

test.for([
  ['a tar', undefined],
  ['gzip', ['gzip']],
  ['xz', ['xz', '-9']],
  ['xz in blocks of several threads', ['xz', '-T2', '--block-size=64KiB']],
  ['zstd', ['zstd', '-q', '-19']],
] as const)('metadata.yaml is read from %s', async ([, command], { skip }) => {
  const [program, ...args] = command ?? []
  if (program !== undefined && !compress('image.tar', 'image', program, ...args))
    skip(`${program} is not installed`)
  const file = program === undefined ? 'image.tar' : 'image'
  expect(await readMetadataYaml(place(file))).toEqual({ status: 'found', text })
  expect(await readMetadataYaml({ metadata: place(file), rootfs: place('rootfs/large') })).toEqual({
    status: 'found',
    text,
  })
})

test('an archive that was read to its end mark without metadata.yaml has none; without the mark, nobody knows', async () => {
  pack('small.tar', `rootfs/${'long'.repeat(60)}`)
  expect(await readMetadataYaml(place('small.tar'))).toEqual({ status: 'missing' })
  const whole = readFileSync(place('small.tar'))
  const end = whole.findLastIndex((byte) => byte !== 0) + 1
  writeFileSync(place('unended.tar'), whole.subarray(0, Math.ceil(end / 512) * 512))
  const why = 'the archive has no end mark'
  expect(await readMetadataYaml(place('unended.tar'))).toEqual({ status: 'unread', why, isTooFar: false })
})

test('metadata.yaml after the first 64 MiB of the archive is not read, however small the compressed file is', async () => {
  const why = 'it is not in the first 64 MiB of the archive'
  for (const name of ['late', 'without']) {
    writeFileSync(place(`${name}.tar.gz`), gzipSync(readFileSync(place(`${name}.tar`))))
    expect(await readMetadataYaml(place(`${name}.tar.gz`))).toEqual({ status: 'unread', why, isTooFar: true })
  }
})

const unknownXz = 'an xz file with a SHA-256 check, or a filter such as --x86, is not decompressed here'

test.for([
  ['bzip2', ['bzip2'], 'a bzip2 file is not decompressed here'],
  ['xz with a SHA-256 check', ['xz', '--check=sha256'], unknownXz],
  ['xz with a filter', ['xz', '--x86', '--lzma2=preset=0'], unknownXz],
  ['xz that was cut', ['xz'], 'the file ends in the middle of an xz stream'],
] as const)(
  'metadata.yaml cannot be read from %s, and that is said',
  async ([name, [program, ...args], why], { skip }) => {
    if (!compress('image.tar', 'unread', program, ...args)) skip(`${program} is not installed`)
    if (name === 'xz that was cut') truncateSync(place('unread'), 50_000)
    expect(await readMetadataYaml(place('unread'))).toEqual({ status: 'unread', why, isTooFar: false })
  },
)
