import { createHash } from 'node:crypto'

/** The SHA-256 of a file that is being written. */
export interface RunningHash {
  /** Takes the next bytes of the file, while they are being written. */
  take(pieces: readonly Uint8Array[]): void
  /** Announces the number of bytes of the file that can be read back. */
  stored(position: number): void
  /** The hash of all bytes so far, 64 hex. */
  digest(): Promise<string>
  /** Says that `digest` will not be called any more. */
  end(): void
}

/** Hashes bytes when it takes them, in this thread. */
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
