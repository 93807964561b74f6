import { createDigestStream } from './platform.ts'

/** Hashes an image's bytes as they arrive, with the platform's digest stream. */
export interface ImageHash {
  add(piece: Uint8Array): Promise<void>
  /** 64 hex, after the last piece. */
  finish(): Promise<string>
}

export function createImageHash(): ImageHash {
  const stream = createDigestStream()
  // If the transfer breaks off, nothing reads the hash.
  stream.digest.catch(() => {})
  const writer = stream.getWriter()
  return {
    add: (piece) => writer.write(piece),
    async finish() {
      await writer.close()
      return Array.from(new Uint8Array(await stream.digest), (byte) =>
        byte.toString(16).padStart(2, '0'),
      ).join('')
    },
  }
}
