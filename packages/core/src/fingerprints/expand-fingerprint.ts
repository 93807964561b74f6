import { checkFingerprint, isWholeFingerprint, shortestPathPrefix } from '../arguments/fingerprint.ts'
import { ServerError } from '../errors/errors.ts'
import { absence } from '../http/absence.ts'
import type { CallOptions } from '../http/call.ts'
import type { Connection } from '../http/connection.ts'
import { listFingerprints } from './list-fingerprints.ts'
import { readOneImage } from './read-one-image.ts'

/** All 64 characters of a fingerprint of which the beginning is given; before anything is written, it is always this one. */
export async function expandFingerprint(
  connection: Connection,
  given: string,
  options: CallOptions & { secret?: string | undefined } = {},
): Promise<string> {
  const prefix = checkFingerprint(given)
  if (isWholeFingerprint(prefix)) return prefix
  const { secret, ...call } = options
  if (prefix.length >= shortestPathPrefix)
    return (await readOneImage(connection, prefix, options)).fingerprint
  const matches = (await listFingerprints(connection, call)).filter((fingerprint) =>
    fingerprint.startsWith(prefix),
  )
  const [only] = matches
  if (only !== undefined && matches.length === 1) return only
  const { code, why } =
    matches.length === 0 ? absence(await connection.view(call)) : { code: 'ambiguous' as const, why: '' }
  const serverMessage = matches.length === 0 ? 'Image not found' : 'More than one image matches'
  throw new ServerError(
    code,
    `Cannot find image "${prefix}" on "${connection.name}": ${matches.length === 0 ? 'no fingerprint begins so' : `${matches.length} fingerprints begin so`}${why}`,
    {
      server: connection.name,
      status: 200,
      errorCode: 0,
      serverMessage,
      request: { method: 'GET', path: '/1.0/images' },
    },
  )
}
