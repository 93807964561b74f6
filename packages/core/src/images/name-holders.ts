import { nameMissing } from '../cluster/name-members.ts'
import { ServerError } from '../errors/errors.ts'
import type { CallOptions } from '../http/call.ts'
import type { Connection } from '../http/connection.ts'
import { saysThat } from '../model/server-words.ts'
import { findImage } from './get-image.ts'

/** The error of an image whose file cannot be read, with the members of the cluster that have it if only these are down. */
export async function nameHolders(
  connection: Connection,
  fingerprint: string,
  error: unknown,
  { project, signal }: Pick<CallOptions, 'project' | 'signal'>,
): Promise<unknown> {
  if (!(error instanceof ServerError)) return error
  const words = error.serverMessage
  if (!saysThat(words, 'member-down') && !saysThat(words, 'member-silent')) return error
  const locations = await findImage(connection, fingerprint, { project, signal }).then(
    (image) => image?.locations,
    () => undefined,
  )
  const holders = await nameMissing(connection, { words, locations }, { signal })
  if (holders === undefined) return error
  const { server, status, errorCode, serverMessage, request } = error
  return new ServerError(
    'unavailable',
    `${error.message}: its file is on ${holders}, which must be started again`,
    {
      server,
      status,
      errorCode,
      serverMessage,
      request,
      cause: error,
    },
  )
}
