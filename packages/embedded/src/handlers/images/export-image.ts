import { Failure } from '../../answer/failure.ts'
import type { Call } from '../../call/context.ts'
import { emitImage } from '../../call/emit-lifecycle.ts'
import { exportSplit } from '../../export/export-split.ts'
import { exportUnified } from '../../export/export-unified.ts'
import { blobsOf, type ImageRecord } from '../../records/records.ts'
import type { StoredBlob } from '../../store/store.ts'
import { findVisibleImage } from './find-visible-image.ts'
import { findToken } from './use-secret.ts'

/** `GET /1.0/images/<fp>/export`. */
export async function exportImage(call: Call): Promise<Response> {
  const image = findVisibleImage(call)
  requireSecret(call, image)
  const [first, second] = await openBlobs(call, image)
  if (image.layout.kind === 'split' && second !== undefined) {
    const isOfRegistry = image.properties.type === 'oci' && call.server.dialect.trustsRegistryImages
    return exportSplit(image.fingerprint, image.layout, first, second, isOfRegistry)
  }
  emitImage(call, 'image-retrieved', image.fingerprint)
  const filename = `${image.fingerprint}${image.layout.extension}`
  return exportUnified(call.request, call.server.dialect, first, filename)
}

/** T82. */
function requireSecret({ server, query }: Call, image: ImageRecord): void {
  const { dialect, cluster, member } = server
  if (!dialect.spendsSecretTwice || cluster === undefined || member === undefined) return
  const isHere = blobsOf(image).every((blob) => cluster.locationsOf(blob).includes(member.name))
  if (!isHere && findToken(server, image.fingerprint, query.get('secret') ?? '') !== undefined)
    throw new Failure(400, 'Only running operations can be cancelled')
}

async function openBlobs({ server }: Call, image: ImageRecord): Promise<[StoredBlob, StoredBlob?]> {
  const opened: StoredBlob[] = []
  for (const name of blobsOf(image)) {
    const blob = await server.store.openBlob(name)
    // T5: the record exists, but its file is gone.
    if (blob === undefined) {
      throw new Failure(server.dialect.lostFileStatus, `open images/${name}: no such file or directory`)
    }
    opened.push(blob)
  }
  const [first, second] = opened
  if (first === undefined) throw new Failure(500, 'image without files')
  return second === undefined ? [first] : [first, second]
}
