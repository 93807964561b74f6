import { randomBytes, randomUUID } from 'node:crypto'

/** The id of a new operation: random, or starting with the time, so that ids sort by time. */
export function newOperationId(version: 'v4' | 'v7'): string {
  if (version === 'v4') return randomUUID()
  const bytes = randomBytes(16)
  bytes.writeUIntBE(Date.now(), 0, 6)
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x70
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
