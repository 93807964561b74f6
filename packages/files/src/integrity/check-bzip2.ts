import type { RandomBytes } from './random-bytes.ts'

/** The digits of the square root of pi, which end a stream; its CRC of 32 bits follows, then padding to a whole byte. */
const endMark = 0x177245385090n
const markBits = 48n
const tailSize = 11

/**
 * Judges a bzip2 file by the mark at its end, which may begin at any bit. Zero bytes after it are padding.
 *
 * @returns what is wrong, or undefined if the file is whole
 */
export async function checkBzip2(bytes: RandomBytes): Promise<string | undefined> {
  const last = await findLast(bytes)
  // The CRC itself may end with zero bytes, so up to four of the zeros can belong to it.
  for (let end = last; end <= Math.min(bytes.size, last + 5); end++)
    if (await endsAt(bytes, end)) return undefined
  return 'its end is missing: there is no mark of the end of a bzip2 stream'
}

/** The position after the last byte that is not zero. */
async function findLast(bytes: RandomBytes): Promise<number> {
  const step = 64 * 1024
  for (let end = bytes.size; end > 0; end -= step) {
    const from = Math.max(0, end - step)
    const piece = await bytes.read(from, end - from)
    for (let at = piece.byteLength - 1; at >= 0; at--) if (piece[at] !== 0) return from + at + 1
  }
  return 0
}

async function endsAt(bytes: RandomBytes, end: number): Promise<boolean> {
  if (end < tailSize) return false
  const tail = await bytes.read(end - tailSize, tailSize)
  const bits = tail.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n)
  for (let padding = 0n; padding < 8n; padding++) {
    const isPadded = (bits & ((1n << padding) - 1n)) === 0n
    const mark = (bits >> (padding + 32n)) & ((1n << markBits) - 1n)
    if (isPadded && mark === endMark) return true
  }
  return false
}
