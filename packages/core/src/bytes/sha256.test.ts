import { createHash, randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { createSha256 } from './sha256.ts'

test('inputs of every length around a block have the same hash as from node:crypto', () => {
  for (let length = 0; length <= 300; length++) {
    const bytes = randomBytes(length)
    const hash = createSha256()
    hash.update(bytes)
    expect(hash.digest('hex')).toBe(createHash('sha256').update(bytes).digest('hex'))
  }
})

test('the hash does not depend on how the bytes are cut into pieces', () => {
  const bytes = randomBytes(100_000)
  const expected = createHash('sha256').update(bytes).digest('hex')
  for (const step of [1, 63, 64, 65, 1000, 65_536]) {
    const hash = createSha256()
    for (let at = 0; at < bytes.length; at += step) hash.update(bytes.subarray(at, at + step))
    expect(hash.digest('hex')).toBe(expected)
  }
})

test('the length in bits is counted past 32 bits, so inputs of more than 512 MiB get the right hash', () => {
  const piece = new Uint8Array(1 << 20).fill(7)
  const [own, expected] = [createSha256(), createHash('sha256')]
  for (let pieces = 0; pieces < 513; pieces++) {
    own.update(piece)
    expected.update(piece)
  }
  expect(own.digest('hex')).toBe(expected.digest('hex'))
})
