import { blobsOf, type ImageRecord } from '../../records/records.ts'
import type { ServerContext } from '../../server/context.ts'

/** Deletes the bytes of an image whatever records there are. */
export async function removeLostFiles({ store }: ServerContext, image: ImageRecord): Promise<void> {
  for (const name of blobsOf(image)) await store.deleteBlob(name)
}
