import { OperationError } from '../errors/errors.ts'
import { isHyperkitError } from '../errors/is-hyperkit-error.ts'
import { expandFingerprint } from '../fingerprints/expand-fingerprint.ts'
import type { Answer } from '../http/answer.ts'
import type { CallOptions } from '../http/call.ts'
import type { Connection } from '../http/connection.ts'
import { saysThat } from '../model/server-words.ts'
import { shortFingerprint } from '../model/short-fingerprint.ts'
import { type OperationHandle, operationHandle } from '../operations/operation-handle.ts'
import { waitOperation } from '../operations/wait-operation.ts'
import { findImage } from './get-image.ts'

/** Deletes an image and its aliases; `not-found` if there is no such image. Instances made from it stay. */
export async function deleteImage(
  connection: Connection,
  fingerprint: string,
  options: CallOptions = {},
): Promise<OperationHandle<void>> {
  const whole = await expandFingerprint(connection, fingerprint, options)
  const send = (): Promise<Answer> =>
    connection.ask({
      method: 'DELETE',
      path: `/1.0/images/${whole}`,
      action: `delete image ${shortFingerprint(whole)}`,
      ...options,
    })
  const answer = await send()
  return operationHandle(connection, answer.operation, options, async (ended, waiting) => {
    const within = { project: waiting.project, signal: waiting.signal }
    const isGone = async (end: Promise<unknown>): Promise<boolean> => {
      try {
        await end
        return true
      } catch (error) {
        // If two clients delete the image at once, the second one fails in this way although the image is gone. Reading the image alone
        // would not distinguish this from an image that this client may not see.
        const isMissing = error instanceof OperationError && saysThat(error.operation.error, 'image-missing')
        if (!isMissing && !isHyperkitError(error, 'outcome-unknown')) throw error
        if ((await findImage(connection, whole, within)) === undefined) return true
        if (isMissing || connection.transport.addresses === undefined) throw error
        return false
      }
    }
    if (await isGone(ended)) return
    // The member that was deleting it is gone, and its operation too.
    const { operation } = await send()
    if (operation !== undefined) await isGone(waitOperation(connection, operation, within))
  })
}
