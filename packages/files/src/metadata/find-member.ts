import { hasData, isExtension, readSize } from '../integrity/check-tar.ts'
import { hasTarChecksum } from '../integrity/detect-format.ts'
import type { Archive } from './open-archive.ts'

const blockSize = 512

/**
 * What the search for a member of a tar has found. `unended`: not before the end of the bytes, which came without the zeros that end a
 * tar, so the decoder may have left something out.
 */
export type Member =
  | { status: 'found'; bytes: Uint8Array }
  | { status: 'missing' }
  | { status: 'too-far' }
  | { status: 'unended' }

/**
 * Finds a member of a tar by its name, with or without `./` before it.
 *
 * @param limit bytes of the tar that are searched; a member that ends after them is not found
 */
export async function findMember(archive: Archive, name: string, limit: number): Promise<Member> {
  const bytes = readAtMost(archive, limit)
  let next: { name?: string | undefined; size?: number | undefined } = {}
  try {
    for (;;) {
      const header = await bytes.take(blockSize)
      if (header === 'too-far') return { status: 'too-far' }
      if (header.byteLength < blockSize) return { status: 'unended' }
      if (header.every((byte) => byte === 0)) return { status: 'missing' }
      if (!hasTarChecksum(header)) throw new Error('it is not a tar')
      const type = String.fromCharCode(header[156] ?? 0)
      const written = hasData(type) ? readSize(header) : 0
      const size = isExtension(type) ? written : (next.size ?? written)
      const padded = Math.ceil(size / blockSize) * blockSize
      if (type === 'S') throw new Error('it has sparse members')
      const isWanted = !isExtension(type) && [name, `./${name}`].includes(next.name ?? nameOf(header))
      const isNote = type === 'x' || type === 'L'
      if (!isWanted && !isNote) {
        if ((await bytes.skip(padded)) === 'too-far') return { status: 'too-far' }
        if (!isExtension(type)) next = {}
        continue
      }
      const content = await bytes.take(padded)
      if (content === 'too-far') return { status: 'too-far' }
      if (isWanted) return { status: 'found', bytes: content.slice(0, size) }
      const text = new TextDecoder().decode(content.subarray(0, size))
      next = type === 'L' ? { ...next, name: text.replace(/\0.*$/s, '') } : { ...next, ...readPax(text) }
    }
  } finally {
    await bytes.close()
  }
}

function nameOf(header: Uint8Array): string {
  const text = (from: number, length: number): string =>
    new TextDecoder().decode(header.subarray(from, from + length)).replace(/\0.*$/s, '')
  const prefix = text(257, 6) === 'ustar' ? text(345, 155) : ''
  return prefix === '' ? text(0, 100) : `${prefix}/${text(0, 100)}`
}

function readPax(text: string): { name?: string; size?: number } {
  const path = /(?:^|\n)\d+ path=([^\n]*)\n/.exec(text)?.[1]
  const size = /(?:^|\n)\d+ size=(\d+)\n/.exec(text)?.[1]
  return { ...(path !== undefined && { name: path }), ...(size !== undefined && { size: Number(size) }) }
}

interface LimitedBytes {
  /** As many bytes as asked for, fewer at the end of the archive. */
  take(count: number): Promise<Uint8Array | 'too-far'>
  skip(count: number): Promise<'too-far' | undefined>
  close(): Promise<void>
}

function readAtMost(archive: Archive, limit: number): LimitedBytes {
  let left = limit
  let rest: Uint8Array = new Uint8Array()
  /** Passes on pieces of up to `count` bytes in all. */
  const read = async (count: number, use: (piece: Uint8Array) => void): Promise<'too-far' | undefined> => {
    if (count > left) return 'too-far'
    left -= count
    for (let missing = count; missing > 0; ) {
      if (rest.byteLength === 0) {
        const { done, value } = await archive.next()
        if (done) return undefined
        rest = value
      }
      const piece = rest.subarray(0, missing)
      rest = rest.subarray(piece.byteLength)
      missing -= piece.byteLength
      use(piece)
    }
    return undefined
  }
  return {
    async take(count) {
      const pieces: Uint8Array[] = []
      // Copied, because the archive may use the memory of a piece again.
      if ((await read(count, (piece) => pieces.push(piece.slice()))) === 'too-far') return 'too-far'
      return joined(pieces)
    },
    skip: (count) => read(count, () => {}),
    close: async () => void (await archive.return(undefined)),
  }
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(pieces.reduce((sum, { byteLength }) => sum + byteLength, 0))
  let at = 0
  for (const piece of pieces) {
    all.set(piece, at)
    at += piece.byteLength
  }
  return all
}
