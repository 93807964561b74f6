import { hasTarChecksum } from './detect-format.ts'
import { bigEndian, type RandomBytes } from './random-bytes.ts'

const blockSize = 512
const cut = 'its end is missing: its last member is not complete'

/**
 * Judges a tar by walking from member to member. It is whole if it ends with the data of a member or with blocks of zeros; the
 * two zero blocks that should end it are missing from many tars that every program reads.
 *
 * @returns what is wrong, or undefined if the file is whole
 */
export async function checkTar(bytes: RandomBytes): Promise<string | undefined> {
  let at = 0
  let sizeOfNext: number | undefined
  while (at < bytes.size) {
    const header = await bytes.read(at, blockSize)
    if (header.byteLength < blockSize) return cut
    if (header.every((byte) => byte === 0)) return undefined
    if (!hasTarChecksum(header)) return `there is no tar member at byte ${at}`
    const type = String.fromCharCode(header[156] ?? 0)
    const written = hasData(type) ? readSize(header) : 0
    const size = isExtension(type) ? written : (sizeOfNext ?? written)
    at += blockSize
    if (type === 'S') at = await skipSparseMap(bytes, header, at)
    if (at + size > bytes.size) return cut
    if (type === 'x') sizeOfNext = await readPaxSize(bytes, at, size)
    else if (!isExtension(type)) sizeOfNext = undefined
    at += Math.ceil(size / blockSize) * blockSize
  }
  return undefined
}

/** Headers that say something about the member after them. */
export function isExtension(type: string): boolean {
  return 'xgLKXN'.includes(type)
}

/** Links, devices, folders and pipes have no data, whatever size their header has. */
export function hasData(type: string): boolean {
  return !'123456'.includes(type)
}

/** The octal size, or one in base 256 with the first bit set. */
export function readSize(header: Uint8Array): number {
  if (((header[124] ?? 0) & 0x80) !== 0) return bigEndian(header, 128, 8)
  const digits = String.fromCharCode(...header.subarray(124, 136)).replace(/[\0 ].*$/s, '')
  return Number.parseInt(digits.trim() || '0', 8) || 0
}

/** The map of holes of an old GNU sparse file goes on in further blocks. */
async function skipSparseMap(bytes: RandomBytes, header: Uint8Array, from: number): Promise<number> {
  let at = from
  let goesOn = header[482] !== 0
  while (goesOn && at < bytes.size) {
    const block = await bytes.read(at, blockSize)
    goesOn = block.byteLength === blockSize && block[504] !== 0
    at += blockSize
  }
  return at
}

/** The size that a pax header gives the member after it. */
async function readPaxSize(bytes: RandomBytes, at: number, size: number): Promise<number | undefined> {
  if (size > 1024 * 1024) return undefined
  const text = new TextDecoder().decode(await bytes.read(at, size))
  const found = /(?:^|\n)\d+ size=(\d+)\n/.exec(text)
  return found === null ? undefined : Number(found[1])
}
