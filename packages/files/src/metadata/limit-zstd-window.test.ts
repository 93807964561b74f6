import { expect, test } from 'vitest'
import { limitZstdWindow } from './limit-zstd-window.ts'

const magic = [0x28, 0xb5, 0x2f, 0xfd]
/** A frame with a window descriptor, a checksum, and blocks of 1 and 5 bytes. */
const frame = (window: number) => [
  ...magic,
  4,
  window,
  0x02,
  0,
  0x10,
  1,
  0x29,
  0,
  0,
  1,
  2,
  3,
  4,
  5,
  9,
  9,
  9,
  9,
]
const skippable = [0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, ...magic.slice(0, 3)]

const take = (bytes: readonly number[], size: number): void => {
  const guard = limitZstdWindow()
  for (let at = 0; at < bytes.length; at += size) guard(Uint8Array.from(bytes.slice(at, at + size)))
}

test.each([1, 7, 1000])(
  'a zstd frame whose window is too large is refused wherever it begins (pieces of %i bytes)',
  (size) => {
    const allowed = 17 << 3
    take([...frame(7 << 3), ...skippable, ...frame(allowed)], size)
    for (const [window, shown] of [
      [allowed + 1, '144 MiB'],
      [31 << 3, '2097152 MiB'],
    ] as const)
      expect(() => take([...frame(7 << 3), ...skippable, ...frame(window)], size)).toThrow(shown)
    // Without a window descriptor the window is the whole content: here 2 GiB.
    expect(() => take([...magic, 0xa0, 0, 0, 0, 0x80], size)).toThrow('2048 MiB')
  },
)
