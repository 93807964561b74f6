import type { CallOptions } from '../http/call.ts'
import type { Connection } from '../http/connection.ts'
import { type Image, imageSchema, readImage } from '../model/image.ts'
import { shortFingerprint } from '../model/short-fingerprint.ts'

/** The image record of a checked fingerprint, or of a prefix that is long enough for a path. */
export async function readOneImage(
  connection: Connection,
  fingerprint: string,
  options: CallOptions & { secret?: string | undefined } = {},
): Promise<Image> {
  const { secret, ...call } = options
  const { value, answer } = await connection.read(imageSchema, {
    method: 'GET',
    path: `/1.0/images/${fingerprint}`,
    query: { secret },
    action: `read image ${shortFingerprint(fingerprint)}`,
    ...call,
  })
  return readImage(value, answer.etag)
}
