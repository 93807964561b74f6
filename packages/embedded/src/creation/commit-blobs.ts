import type { IncomingImage } from '../ingest/incoming-image.ts'
import { blobsOf, type ImageRecord } from '../records/records.ts'

/** Commits the bytes of an image under their names. */
export async function commitBlobs(image: ImageRecord, { drafts }: IncomingImage): Promise<void> {
  for (const [index, name] of blobsOf(image).entries()) await drafts[index]?.commit(name)
}
