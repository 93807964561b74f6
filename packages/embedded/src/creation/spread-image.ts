import type { Call } from '../call/context.ts'
import { blobsOf, type ImageRecord } from '../records/records.ts'

/**
 * Copies a new image to other members of the cluster.
 *
 * @param pushed whether another server has sent it
 */
export async function spreadImage(
  { server: { cluster, member } }: Call,
  image: ImageRecord,
  pushed = false,
): Promise<void> {
  if (cluster !== undefined && member !== undefined) await cluster.spread(blobsOf(image), member, pushed)
}
