import { littleEndian, type RandomBytes } from './random-bytes.ts'

const frameMagic = 0xfd2fb528
const cut = 'its end is missing: its last frame is not complete'

/**
 * Judges a zstd file by walking its frames and their blocks, each of which says how long it is (RFC 8878). Several frames may
 * follow one another, and frames that decoders skip.
 *
 * @returns what is wrong, or undefined if the file is whole
 */
export async function checkZstd(bytes: RandomBytes): Promise<string | undefined> {
  let at = 0
  while (at < bytes.size) {
    const head = await bytes.read(at, 18)
    if (head.byteLength < 8) return cut
    const magic = littleEndian(head, 0, 4)
    if (magic >= 0x184d2a50 && magic <= 0x184d2a5f) at += 8 + littleEndian(head, 4, 4)
    else if (magic === frameMagic) {
      const next = await skipFrame(bytes, at, head)
      if (next === undefined) return cut
      at = next
    } else return 'its last frame is followed by bytes that are not zstd'
  }
  return at > bytes.size ? cut : undefined
}

/** The position after a frame; undefined if the file ends within it. */
async function skipFrame(bytes: RandomBytes, start: number, head: Uint8Array): Promise<number | undefined> {
  const descriptor = head[4] ?? 0
  const isSingleSegment = (descriptor & 0x20) !== 0
  const dictionary = [0, 1, 2, 4][descriptor & 3] ?? 0
  const content = [isSingleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6] ?? 0
  let at = start + 5 + (isSingleSegment ? 0 : 1) + dictionary + content
  for (;;) {
    const header = await bytes.read(at, 3)
    if (header.byteLength < 3) return undefined
    const word = littleEndian(header, 0, 3)
    const isRepeated = ((word >> 1) & 3) === 1
    at += 3 + (isRepeated ? 1 : word >> 3)
    if ((word & 1) === 1) break
  }
  if ((descriptor & 4) !== 0) at += 4
  return at <= bytes.size ? at : undefined
}
