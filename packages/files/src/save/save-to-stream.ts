import { createHash } from 'node:crypto'
import { ArgumentError, type Client, FingerprintMismatchError } from '@hyperkit/core'
import { countProgress } from '@hyperkit/core/parts'
import { writeFailure } from '../disk/disk-failure.ts'
import type { Place } from '../write/find-place.ts'
import { openStream } from '../write/open-stream.ts'
import { readPieces } from './read-pieces.ts'
import { readSize } from './read-size.ts'
import type { SaveCall, SavedUnified } from './save-unified.ts'

/**
 * Writes a unified image to a device, a FIFO or `/dev/stdout`. Its reader has the bytes before they are verified, so only the end of
 * the call says whether they were the image.
 */
export async function saveToStream(
  client: Client<boolean>,
  fingerprint: string,
  place: Exclude<Place, { kind: 'file' }>,
  { onProgress, ...call }: SaveCall,
): Promise<SavedUnified> {
  const recorded = await readSize(client, fingerprint, call)
  const exported = await client.images.export(fingerprint, { ...call, size: recorded })
  if (exported.kind === 'split') {
    await exported.cancel().catch(() => undefined)
    throw new ArgumentError(
      'target',
      `Cannot write image ${fingerprint} of "${client.name}" to ${JSON.stringify(place.path)}: it has two files; save it to a directory`,
    )
  }
  const count = countProgress('save', exported.totalSize, onProgress)
  const hash = createHash('sha256')
  const reader = readPieces(exported.body)
  let size = 0
  try {
    const stream = await openStream(place, call.signal)
    try {
      for (;;) {
        const { done, value } = await reader.read()
        if (done) break
        hash.update(value)
        await stream.write(value).catch((error: unknown) => {
          throw writeFailure(place.path, error)
        })
        size += value.byteLength
        count(value.byteLength)
        reader.giveBack([value])
      }
    } finally {
      await stream.close()
    }
  } catch (error) {
    await reader.cancel(error).catch(() => undefined)
    call.signal?.throwIfAborted()
    throw error
  }
  const actual = hash.digest('hex')
  if (actual === fingerprint) return { kind: 'unified', path: place.path, size, received: size }
  throw new FingerprintMismatchError(
    `Cannot save image ${fingerprint} of "${client.name}": what was written to ${JSON.stringify(place.path)} has the fingerprint ${actual}; discard it`,
    { server: client.name, expected: fingerprint, actual },
  )
}
