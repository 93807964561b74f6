import { createHash } from 'node:crypto'
import type { InspectedFile } from '../disk/inspect-file.ts'
import { readBytes } from '../disk/open-bytes.ts'

// Hashing during the transfer costs no time if sending takes several times as long: below about 250 MB/s. Above that it would slow the
// transfer, and hashing the rest afterwards takes less time than the server needs for its own work.
const bytesPerMillisecond = 256 * 1024

export interface TrailingHash {
  /** Takes each piece that is sent, in order. The first piece of the first file starts over. */
  take(file: InspectedFile, position: number, bytes: Uint8Array): void
  /** Reads the bytes again that were sent too fast to be hashed, and returns the hash of all files. */
  digest(): Promise<string>
}

/** Hashes files while they are sent, without slowing the transfer down. */
export function trailHash(files: readonly InspectedFile[], signal: AbortSignal | undefined): TrailingHash {
  let hash = createHash('sha256')
  let behind: { file: InspectedFile; position: number } | undefined
  let lastTaken: number | undefined
  let result: Promise<string> | undefined
  const finish = async (): Promise<string> => {
    const rest = behind === undefined ? [] : files.slice(files.indexOf(behind.file))
    for (const file of rest) {
      const from = file === behind?.file ? behind.position : 0
      await readBytes(file, 'upload', signal, (bytes) => hash.update(bytes), from)
    }
    return hash.digest('hex')
  }
  return {
    take(file, position, bytes) {
      if (file === files[0] && position === 0) {
        hash = createHash('sha256')
        ;[behind, lastTaken, result] = [undefined, undefined, undefined]
      }
      if (behind !== undefined) return
      const pause = performance.now() - (lastTaken ?? Number.NEGATIVE_INFINITY)
      if (pause * bytesPerMillisecond >= bytes.byteLength) hash.update(bytes)
      else behind = { file, position }
      lastTaken = performance.now()
    },
    digest() {
      result ??= finish()
      return result
    },
  }
}
