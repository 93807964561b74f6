import { findAlias } from '../aliases/get-alias.ts'
import { OutcomeUnknownError } from '../errors/errors.ts'
import { expandFingerprint } from '../fingerprints/expand-fingerprint.ts'
import { readOneImage } from '../fingerprints/read-one-image.ts'
import type { CallOptions } from '../http/call.ts'
import type { Connection } from '../http/connection.ts'
import type { Image } from '../model/image.ts'
import { shortFingerprint } from '../model/short-fingerprint.ts'
import { type OperationHandle, operationHandle } from '../operations/operation-handle.ts'
import { findImage } from './get-image.ts'
import { listImages } from './list-images.ts'
import { updateImage } from './update-image.ts'

/** The result of `images.refresh`. */
export interface Refresh {
  /** Whether there was a newer version. Also false if the source is gone or the download failed: servers only log that, and report success. */
  refreshed: boolean
  /** The image as it is now, with a new fingerprint if it was refreshed. */
  image: Image
  /** The fingerprint before the refresh. */
  previous: string
}

/**
 * Makes the server look for a newer version of an image at its source, and download it.
 *
 * The server replaces the image, moves the aliases, keeps `public` and profiles, loses edited properties, does not report the new
 * fingerprint and switches `autoUpdate` on. Hyperkit sets `autoUpdate` back to its former value.
 */
export async function refreshImage(
  connection: Connection,
  fingerprint: string,
  options: CallOptions = {},
): Promise<OperationHandle<Refresh>> {
  const whole = await expandFingerprint(connection, fingerprint, options)
  const before = await readOneImage(connection, whole, options)
  const answer = await connection.ask({
    method: 'POST',
    path: `/1.0/images/${whole}/refresh`,
    json: {},
    action: `refresh image ${shortFingerprint(whole)}`,
    ...options,
  })
  return operationHandle(connection, answer.operation, options, async (ended, waiting) => {
    await ended
    const call = { project: waiting.project, signal: waiting.signal }
    const same = await findImage(connection, whole, call)
    if (same) return { refreshed: false, image: same, previous: whole }
    const image = await findSuccessor(connection, before, call)
    const kept =
      image.autoUpdate === before.autoUpdate
        ? image
        : await updateImage(connection, image.fingerprint, { autoUpdate: before.autoUpdate }, call)
    return { refreshed: true, image: kept, previous: whole }
  })
}

async function findSuccessor(connection: Connection, before: Image, call: CallOptions): Promise<Image> {
  for (const { name } of before.aliases) {
    const alias = await findAlias(connection, name, call)
    if (alias && alias.target !== before.fingerprint) return readOneImage(connection, alias.target, call)
  }
  const source = before.updateSource
  const same = (await listImages(connection, call)).filter(
    ({ updateSource }) =>
      source && updateSource && updateSource.server === source.server && updateSource.alias === source.alias,
  )
  const [only] = same
  if (only && same.length === 1) return readOneImage(connection, only.fingerprint, call)
  throw new OutcomeUnknownError(
    `Cannot tell which image replaced ${shortFingerprint(before.fingerprint)} on "${connection.name}" when it was refreshed: it had no alias, and ${same.length} images come from its source`,
    {
      server: connection.name,
      verify: `the images whose update source is "${source?.alias ?? ''}" of ${source?.server ?? 'nowhere'}`,
    },
  )
}
