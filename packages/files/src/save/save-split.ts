import { type Client, FingerprintMismatchError, type SplitExport, TransportError } from '@hyperkit/core'
import type { ExportPart } from '@hyperkit/core/parts'
import { countProgress } from '@hyperkit/core/parts'
import { writeFailure } from '../disk/disk-failure.ts'
import { claimPart, namePart, type PartFile, removePart, syncPart } from './part-file.ts'
import type { Places } from './places.ts'
import { hashHere } from './running-hash.ts'
import type { SaveCall } from './save-unified.ts'
import { type Written, writeBody } from './write-body.ts'

export interface SavedSplit {
  kind: 'split'
  metadata: string
  rootfs: string
  type: 'container' | 'virtual-machine'
  size: number
  received: number
}

interface ReceivedPart {
  part: PartFile
  name: ExportPart['name']
  named: string | undefined
}

/**
 * Saves the two files of a split image. Servers send them together and never from the middle, so a transfer that breaks off is
 * discarded.
 *
 * Both files are verified before either gets its name. The rootfs gets its name last, so when it exists, the metadata does too.
 */
export async function saveSplit(
  client: Client<boolean>,
  exported: SplitExport,
  places: Places,
  call: SaveCall,
): Promise<SavedSplit> {
  const received: ReceivedPart[] = []
  try {
    const written: Written = { hash: hashHere(), position: 0 }
    const size = await receiveParts(exported, places, call, received, written)
    const { metadata, rootfs } = bothOf(client, exported, received)
    const actual = await written.hash.digest()
    if (actual !== exported.fingerprint) {
      throw new FingerprintMismatchError(
        `Cannot save image ${exported.fingerprint} of "${client.name}": the received files have the fingerprint ${actual}; they were discarded`,
        { server: client.name, expected: exported.fingerprint, actual },
      )
    }
    const paths = places.split(metadata.named, rootfs.named)
    await syncPart(metadata.part)
    await syncPart(rootfs.part)
    await namePart(metadata.part, paths.metadata)
    await namePart(rootfs.part, paths.rootfs)
    const type = rootfs.name === 'rootfs.img' ? 'virtual-machine' : 'container'
    return { kind: 'split', ...paths, type, size, received: size }
  } catch (error) {
    await exported.cancel().catch(() => undefined)
    for (const { part } of received) await removePart(part)
    throw error
  }
}

/** @returns the number of bytes of all parts */
async function receiveParts(
  exported: SplitExport,
  places: Places,
  call: SaveCall,
  received: ReceivedPart[],
  joint: Written,
): Promise<number> {
  const count = countProgress('save', undefined, call.onProgress)
  let size = 0
  for await (const { name, filename, body } of exported.parts) {
    const part = await claimPart(`${places.partStem}.${name === 'metadata' ? 'metadata' : 'rootfs'}`)
    received.push({ part, name, named: filename })
    await part.handle.truncate(0).catch((error: unknown) => {
      throw writeFailure(part.restPath, error)
    })
    joint.position = 0
    await writeBody(body, part, joint, count, call.signal)
    size += joint.position
  }
  return size
}

function bothOf(
  client: Client<boolean>,
  exported: SplitExport,
  received: readonly ReceivedPart[],
): { metadata: ReceivedPart; rootfs: ReceivedPart } {
  const [metadata, rootfs] = received
  if (metadata?.name === 'metadata' && rootfs && rootfs.name !== 'metadata' && received.length === 2) {
    return { metadata, rootfs }
  }
  throw new TransportError(
    'unexpected-answer',
    `Cannot save image ${exported.fingerprint} of "${client.name}": the server should send metadata and rootfs, but sent ${received.map(({ name }) => name).join(', ') || 'nothing'}`,
    { server: client.name },
  )
}
