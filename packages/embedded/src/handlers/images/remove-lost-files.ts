import type { ServerContext } from '../../call/context.ts'
import { blobsOf, type ImageRecord } from '../../records/records.ts'

/** Deletes the bytes of an image even if a record needs them. */
export async function removeLostFiles({ store }: ServerContext, image: ImageRecord): Promise<void> {
  for (const name of blobsOf(image)) await store.deleteBlob(name)
}
