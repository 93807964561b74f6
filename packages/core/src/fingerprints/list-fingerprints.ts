import * as v from 'valibot'
import type { CallOptions } from '../http/call.ts'
import type { Connection } from '../http/connection.ts'
import { fingerprintSchema } from '../model/fingerprint-schema.ts'
import { guardListing } from './guard-listing.ts'

/** `/1.0/images/<fingerprint>?project=web` */
const urlSchema = v.pipe(
  v.string(),
  v.transform((url) => url.split('?')[0]?.split('/').pop() ?? ''),
  fingerprintSchema,
)

/** The fingerprints of all images of the project, sorted. */
export async function listFingerprints(connection: Connection, options: CallOptions = {}): Promise<string[]> {
  const guard = await guardListing(connection, 'images', options)
  const { value } = await connection.read(v.nullish(v.array(urlSchema)), {
    method: 'GET',
    path: '/1.0/images',
    action: 'list images',
    ...options,
  })
  const fingerprints = value ?? []
  await guard(fingerprints.length)
  return fingerprints.sort()
}
