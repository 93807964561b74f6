import { ServerError } from '../errors/errors.ts'
import { readFailure } from '../http/answer.ts'
import type { CallOptions } from '../http/call.ts'
import type { Connection } from '../http/connection.ts'
import { discardBody } from '../http/discard-body.ts'
import { saysThat } from '../model/server-words.ts'
import { shortFingerprint } from '../model/short-fingerprint.ts'
import { nameHolders } from './name-holders.ts'

/**
 * Whether the file of an image exists.
 *
 * An upload that races with the server's own download of the same image leaves a record without a file: an export answers 500 on LXD
 * and 404 on Incus, and no instance can be made, although the record looks fine.
 */
export async function hasContent(
  connection: Connection,
  fingerprint: string,
  options: CallOptions = {},
): Promise<boolean> {
  const call = {
    method: 'GET' as const,
    path: `/1.0/images/${fingerprint}/export`,
    headers: { range: 'bytes=0-0' },
    action: `check the content of image ${shortFingerprint(fingerprint)}`,
    ...options,
  }
  try {
    await connection.receive(call, async (response) => {
      if (!response.ok) throw await readFailure(response, connection.facts(call))
      await discardBody(response)
    })
    return true
  } catch (error) {
    const isMissing = error instanceof ServerError && ['server-error', 'not-found'].includes(error.code)
    if (isMissing && saysThat(error.serverMessage, 'content-lost')) return false
    throw await nameHolders(connection, fingerprint, error, options)
  }
}
