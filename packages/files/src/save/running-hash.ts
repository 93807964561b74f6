import { createHash } from 'node:crypto'

/** The SHA-256 of a file that is being written. */
export interface RunningHash {
  /** The next bytes of the file, while they are being written. */
  take(pieces: readonly Uint8Array[]): void
  /** So many bytes of the file can be read back. */
  stored(position: number): void
  /** Of all that was taken: 64 hex. */
  digest(): Promise<string>
  /** Nobody will ask any more. */
  end(): void
}

/** Hashes what it takes at once. */
export function hashHere(): RunningHash {
  const hash = createHash('sha256')
  return {
    take(pieces) {
      for (const piece of pieces) hash.update(piece)
    },
    stored: () => undefined,
    digest: async () => hash.copy().digest('hex'),
    end: () => undefined,
  }
}
