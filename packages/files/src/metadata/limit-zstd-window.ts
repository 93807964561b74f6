// What `zstd -d` accepts without options, and so what servers decompress.
const most = 128 * 1024 * 1024

/**
 * Follows the frames of a zstd stream (RFC 8878), and refuses one whose window is too large, before a decoder allocates it: 18 bytes can ask
 * for 2 GiB.
 *
 * @returns a function that takes the stream piece by piece, and throws
 */
export function limitZstdWindow(): (piece: Uint8Array) => void {
  let held: number[] = []
  let read: (bytes: readonly number[]) => Step | undefined = readFrame
  let skipped = 0
  return (piece) => {
    for (let at = 0; at < piece.byteLength; ) {
      if (skipped > 0) {
        const step = Math.min(skipped, piece.byteLength - at)
        skipped -= step
        at += step
        continue
      }
      held.push(piece[at++] as number)
      const step = read(held)
      if (step === undefined) continue
      held = []
      skipped = step.skipped
      read = step.next
    }
  }
}

/** What follows a header: bytes without one, and then the next header. */
interface Step {
  skipped: number
  next(bytes: readonly number[]): Step | undefined
}

/** @returns undefined as long as bytes of the header are missing */
function readFrame(bytes: readonly number[]): Step | undefined {
  if (bytes.length < 5) return undefined
  const magic = littleEndian(bytes.slice(0, 4))
  if (magic >= 0x184d2a50 && magic <= 0x184d2a5f)
    return bytes.length < 8 ? undefined : { skipped: littleEndian(bytes.slice(4, 8)), next: readFrame }
  const descriptor = bytes[4] ?? 0
  const isSingleSegment = (descriptor & 0x20) !== 0
  const dictionary = [0, 1, 2, 4][descriptor & 3] ?? 0
  const content = [isSingleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6] ?? 0
  const before = 5 + (isSingleSegment ? 0 : 1) + dictionary
  if (bytes.length < before + content) return undefined
  const size = littleEndian(bytes.slice(before)) + (content === 2 ? 256 : 0)
  refuse(isSingleSegment ? size : windowOf(bytes[5] ?? 0))
  const checksum = (descriptor & 4) === 0 ? 0 : 4
  return { skipped: 0, next: (block) => readBlock(block, checksum) }
}

function readBlock(bytes: readonly number[], checksum: number): Step | undefined {
  if (bytes.length < 3) return undefined
  const word = littleEndian(bytes)
  const isLast = (word & 1) === 1
  const isRepeated = ((word >> 1) & 3) === 1
  return {
    skipped: (isRepeated ? 1 : word >> 3) + (isLast ? checksum : 0),
    next: isLast ? readFrame : (block) => readBlock(block, checksum),
  }
}

function windowOf(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3))
  return base + (base / 8) * (descriptor & 7)
}

function refuse(window: number): void {
  if (window <= most) return
  throw new Error(
    `decompressing it takes a window of ${Math.ceil(window / 1024 / 1024)} MiB, and 128 MiB is the most that zstd accepts by itself`,
  )
}

function littleEndian(bytes: readonly number[]): number {
  return bytes.reduceRight((value, byte) => value * 256 + byte, 0)
}
