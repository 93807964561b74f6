import { Buffer } from 'node:buffer'
import { writeDer } from '@hyperkit/core/parts'

// The few forms of ASN.1 DER (X.690) that a self-signed certificate needs.

export function derSequence(...items: Uint8Array[]): Uint8Array {
  return writeDer(0x30, ...items)
}

export function derSet(...items: Uint8Array[]): Uint8Array {
  return writeDer(0x31, ...items)
}

/** Context-specific, constructed. */
export function derExplicit(number: number, ...items: Uint8Array[]): Uint8Array {
  return writeDer(0xa0 | number, ...items)
}

/** @param bytes big-endian, positive */
export function derInteger(bytes: Uint8Array): Uint8Array {
  const first = bytes.findIndex((byte) => byte !== 0)
  const trimmed = first < 0 ? Buffer.from([0]) : bytes.subarray(first)
  const signed = (trimmed[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.from([0]), trimmed]) : trimmed
  return writeDer(0x02, signed)
}

export function derOid(dotted: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  const bytes = [first * 40 + second]
  for (const arc of rest) {
    const groups = [arc & 0x7f]
    for (let left = arc >>> 7; left > 0; left >>>= 7) groups.unshift((left & 0x7f) | 0x80)
    bytes.push(...groups)
  }
  return writeDer(0x06, Buffer.from(bytes))
}

export function derUtf8(text: string): Uint8Array {
  return writeDer(0x0c, Buffer.from(text, 'utf8'))
}

export function derBits(bytes: Uint8Array, unused = 0): Uint8Array {
  return writeDer(0x03, Buffer.from([unused]), bytes)
}

export function derOctets(bytes: Uint8Array): Uint8Array {
  return writeDer(0x04, bytes)
}

export function derBoolean(value: boolean): Uint8Array {
  return writeDer(0x01, Buffer.from([value ? 0xff : 0]))
}

/** UTCTime until 2049, GeneralizedTime after (RFC 5280, 4.1.2.5). */
export function derTime(date: Date): Uint8Array {
  const digits = date.toISOString().replace(/[-:T]/g, '').slice(0, 14)
  return date.getUTCFullYear() < 2050
    ? writeDer(0x17, Buffer.from(`${digits.slice(2)}Z`))
    : writeDer(0x18, Buffer.from(`${digits}Z`))
}
