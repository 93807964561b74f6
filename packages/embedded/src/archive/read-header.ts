import type { StoredBlob } from '../store/store.ts'
import { headerSize } from './detect-compression.ts'

/** The first bytes of a blob, up to the number needed to detect its compression. */
export async function readHeader(blob: StoredBlob): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  for await (const chunk of blob.read(0, Math.min(headerSize, blob.size))) parts.push(chunk)
  return Buffer.concat(parts)
}
