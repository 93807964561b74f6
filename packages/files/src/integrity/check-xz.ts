import { crc32 } from './crc32.ts'
import { littleEndian, type RandomBytes } from './random-bytes.ts'

const headerSize = 12
const footerSize = 12

/**
 * Judges an xz file from its end: each stream ends with an index of its blocks and a footer that says how long the index is, so
 * the beginning of the stream can be computed and must be there. Several streams may follow one another, with padding of zero
 * bytes in multiples of four (https://tukaani.org/xz/xz-file-format.txt).
 *
 * @returns what is wrong, or undefined if the file is whole
 */
export async function checkXz(bytes: RandomBytes): Promise<string | undefined> {
  let end = bytes.size
  while (end > 0) {
    const unpadded = await skipPadding(bytes, end)
    if (end - unpadded > 0 && ((end - unpadded) % 4 !== 0 || unpadded === 0))
      return 'its padding is not a multiple of 4 bytes'
    const start = await findStart(bytes, unpadded)
    if (typeof start === 'string') return start
    end = start
  }
  return undefined
}

async function skipPadding(bytes: RandomBytes, end: number): Promise<number> {
  let at = end
  while (at >= 4) {
    const word = await bytes.read(at - 4, 4)
    if (word.some((byte) => byte !== 0)) break
    at -= 4
  }
  return at
}

/** The position at which the stream that ends at `end` begins, or what is wrong with it. */
async function findStart(bytes: RandomBytes, end: number): Promise<number | string> {
  const cut = 'its end is missing: an xz file ends with a footer'
  if (end < headerSize + footerSize + 8) return cut
  const footer = await bytes.read(end - footerSize, footerSize)
  if (
    footer[10] !== 0x59 ||
    footer[11] !== 0x5a ||
    crc32(footer.subarray(4, 10)) !== littleEndian(footer, 0, 4)
  )
    return cut
  const indexSize = (littleEndian(footer, 4, 4) + 1) * 4
  const indexAt = end - footerSize - indexSize
  if (indexAt < headerSize) return 'its beginning is missing'
  const index = await bytes.read(indexAt, indexSize)
  if (index[0] !== 0 || crc32(index.subarray(0, indexSize - 4)) !== littleEndian(index, indexSize - 4, 4))
    return 'its index is damaged'
  const start = indexAt - blocksSize(index) - headerSize
  if (start < 0) return 'a part of it is missing: it is shorter than its index says'
  const header = await bytes.read(start, 6)
  const isHeader = [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0].every((byte, at) => header[at] === byte)
  return isHeader ? start : 'a part of it is missing: its blocks are not as long as its index says'
}

/** The size of all blocks of a stream with their padding, from its index. */
function blocksSize(index: Uint8Array): number {
  let at = 1
  const readNumber = (): number => {
    let value = 0
    for (let shift = 0; at < index.byteLength; shift += 7) {
      const byte = index[at++] ?? 0
      value += (byte & 0x7f) * 2 ** shift
      if ((byte & 0x80) === 0) break
    }
    return value
  }
  const count = readNumber()
  let total = 0
  for (let block = 0; block < count && at < index.byteLength; block++) {
    total += Math.ceil(readNumber() / 4) * 4
    readNumber()
  }
  return total
}
