import { Buffer } from 'node:buffer'
import { open } from 'node:fs/promises'

/** A file whose bytes can be read in any order. */
export interface RandomBytes {
  size: number
  /** The bytes from a position on: as many as asked for, or fewer at the end of the file. */
  read(at: number, length: number): Promise<Uint8Array>
}

// A walk from block to block reads a few bytes each time, so the reads of a neighbourhood are answered by one of the disk.
const windowSize = 64 * 1024

/** Opens a file for reads in any order, and closes it when `use` has ended. */
export async function withRandomBytes<Result>(
  path: string,
  size: number,
  use: (bytes: RandomBytes) => Promise<Result>,
): Promise<Result> {
  const handle = await open(path, 'r')
  let window = { at: 0, bytes: new Uint8Array() }
  const load = async (at: number, length: number): Promise<Uint8Array> => {
    const buffer = Buffer.allocUnsafeSlow(Math.max(0, Math.min(length, size - at)))
    const { bytesRead } = await handle.read(buffer, 0, buffer.byteLength, at)
    return buffer.subarray(0, bytesRead)
  }
  try {
    return await use({
      size,
      async read(at, length) {
        if (length > windowSize) return load(at, length)
        const isInside = at >= window.at && at + length <= window.at + window.bytes.byteLength
        if (!isInside) window = { at, bytes: new Uint8Array(await load(at, windowSize)) }
        return window.bytes.subarray(at - window.at, at - window.at + length)
      },
    })
  } finally {
    await handle.close()
  }
}

/** A little-endian number of up to six bytes. */
export function littleEndian(bytes: Uint8Array, at: number, length: number): number {
  let value = 0
  for (let index = length - 1; index >= 0; index--) value = value * 256 + (bytes[at + index] ?? 0)
  return value
}

/** A big-endian number of up to eight bytes; exact up to 2^53. */
export function bigEndian(bytes: Uint8Array, at: number, length: number): number {
  let value = 0
  for (let index = 0; index < length; index++) value = value * 256 + (bytes[at + index] ?? 0)
  return value
}

/** Whether all bytes from a position to the end of the file are zero. */
export async function isPadding(bytes: RandomBytes, from: number): Promise<boolean> {
  for (let at = from; at < bytes.size; at += windowSize)
    if ((await bytes.read(at, Math.min(windowSize, bytes.size - at))).some((byte) => byte !== 0)) return false
  return true
}
