import { checkFingerprint, isWholeFingerprint, shortestPathPrefix } from '../arguments/fingerprint.ts'
import { ConflictError, NotFoundError } from '../errors/errors.ts'
import { absence } from '../http/absence.ts'
import type { CallOptions } from '../http/call.ts'
import type { Connection } from '../http/connection.ts'
import { listFingerprints } from './list-fingerprints.ts'
import { readOneImage } from './read-one-image.ts'

/** All 64 characters of a fingerprint, from its beginning; every call that changes something uses the whole fingerprint. */
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
  const action = `Cannot find image "${prefix}" on "${connection.name}"`
  const server = connection.name
  if (matches.length > 1)
    throw new ConflictError('ambiguous', `${action}: ${matches.length} fingerprints begin with it`, {
      server,
    })
  const { code, why } = absence(await connection.view(call))
  throw new NotFoundError(`${action}: no fingerprint begins with it${why}`, { server, code })
}
