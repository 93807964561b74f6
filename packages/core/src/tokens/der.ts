import type { OwnBytes } from '../model/own-bytes.ts'
// The part of ASN.1 DER (X.690) that is needed to read and make certificates, and to wrap older forms of keys.

export interface DerItem {
  tag: number
  /** The content, without tag and length. */
  content: OwnBytes
  /** Tag, length and content. */
  whole: OwnBytes
}

/** The items in `bytes`, in order. @throws RangeError if one runs over the end */
export function readDer(bytes: OwnBytes): DerItem[] {
  const items: DerItem[] = []
  for (let at = 0; at < bytes.length; ) {
    const tag = byteAt(bytes, at)
    const first = byteAt(bytes, at + 1)
    const lengthBytes = first < 0x80 ? 0 : first & 0x7f
    // 0x80 alone is BER's indefinite length, which DER forbids.
    if (first === 0x80 || lengthBytes > 4) throw new RangeError('not DER')
    let length = first < 0x80 ? first : 0
    for (let index = 0; index < lengthBytes; index++) length = length * 256 + byteAt(bytes, at + 2 + index)
    const start = at + 2 + lengthBytes
    const end = start + length
    if (end > bytes.length) throw new RangeError('not DER')
    items.push({ tag, content: bytes.slice(start, end), whole: bytes.slice(at, end) })
    at = end
  }
  return items
}

/** One item: tag, length and the joined contents. */
export function writeDer(tag: number, ...contents: Uint8Array[]): OwnBytes {
  const length = contents.reduce((sum, content) => sum + content.length, 0)
  const size: number[] = []
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) size.unshift(rest % 256)
  const head = length < 0x80 ? [tag, length] : [tag, 0x80 | size.length, ...size]
  const bytes = new Uint8Array(head.length + length)
  bytes.set(head)
  let at = head.length
  for (const content of contents) {
    bytes.set(content, at)
    at += content.length
  }
  return bytes
}

export function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

export function bytesOfHex(hex: string): OwnBytes {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}

function byteAt(bytes: Uint8Array, index: number): number {
  const byte = bytes[index]
  if (byte === undefined) throw new RangeError('not DER')
  return byte
}
