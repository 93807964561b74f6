import { OperationError } from '../errors/errors.ts'
import { isHyperkitError } from '../errors/is-hyperkit-error.ts'
import { expandFingerprint } from '../fingerprints/expand-fingerprint.ts'
import type { CallOptions } from '../http/call.ts'
import type { Connection } from '../http/connection.ts'
import { saysThat } from '../model/server-words.ts'
import { shortFingerprint } from '../model/short-fingerprint.ts'
import { type OperationHandle, operationHandle } from '../operations/operation-handle.ts'
import { findImage } from './get-image.ts'

/** Deletes an image and its aliases; `not-found` if there is no such image. Instances made from it stay. */
export async function deleteImage(
  connection: Connection,
  fingerprint: string,
  options: CallOptions = {},
): Promise<OperationHandle<void>> {
  const whole = await expandFingerprint(connection, fingerprint, options)
  const answer = await connection.ask({
    method: 'DELETE',
    path: `/1.0/images/${whole}`,
    action: `delete image ${shortFingerprint(whole)}`,
    ...options,
  })
  return operationHandle(connection, answer.operation, options, async (ended, waiting) => {
    try {
      await ended
    } catch (error) {
      // If two clients delete the image at once, the second one fails in this way although the image is gone. Reading the image alone
      // would not distinguish this from an image that this client may not see.
      const isMissing = error instanceof OperationError && saysThat(error.operation.error, 'image-missing')
      if (!isMissing && !isHyperkitError(error, 'outcome-unknown')) throw error
      const there = await findImage(connection, whole, { project: waiting.project, signal: waiting.signal })
      if (there) throw error
    }
  })
}
