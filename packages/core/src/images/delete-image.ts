import { nameMissing } from '../cluster/name-members.ts'
import { OperationError } from '../errors/errors.ts'
import { isHyperkitError } from '../errors/is-hyperkit-error.ts'
import { expandFingerprint } from '../fingerprints/expand-fingerprint.ts'
import type { Answer } from '../http/answer.ts'
import type { CallOptions } from '../http/call.ts'
import type { Connection } from '../http/connection.ts'
import { readTime } from '../model/server-time.ts'
import { saysThat } from '../model/server-words.ts'
import { shortFingerprint } from '../model/short-fingerprint.ts'
import { type OperationHandle, operationHandle } from '../operations/operation-handle.ts'
import { waitOperation } from '../operations/wait-operation.ts'
import { findImage } from './get-image.ts'
import { hasContent } from './has-content.ts'

/** Deletes an image and its aliases; `not-found` if there is no such image. Instances made from it stay. */
export async function deleteImage(
  connection: Connection,
  fingerprint: string,
  options: CallOptions = {},
): Promise<OperationHandle<void>> {
  const whole = await expandFingerprint(connection, fingerprint, options)
  const uploadedAt = await readUpload(connection, whole, options)
  const isSame = (time: Date | undefined): boolean =>
    uploadedAt === undefined || time === undefined || time.getTime() === uploadedAt.getTime()
  const send = (): Promise<Answer> =>
    connection.ask({
      method: 'DELETE',
      path: `/1.0/images/${whole}`,
      action: `delete image ${shortFingerprint(whole)}`,
      isStillMeant: (image) => isSame(timeOf(image)),
      ...options,
    })
  let wasRepeated = false
  const answer = await send()
  return operationHandle(connection, answer.operation, options, async (ended, waiting) => {
    const within = { project: waiting.project, signal: waiting.signal }
    const isGone = async (end: Promise<unknown>): Promise<boolean> => {
      try {
        await end
        return true
      } catch (error) {
        if (error instanceof OperationError && needsMembers(error.operation.error))
          throw await withMembers(connection, whole, error, within)
        // If two clients delete the image at once, the second one fails in this way although the image is gone. Reading the image alone
        // would not distinguish this from an image that this client may not see.
        const isMissing = error instanceof OperationError && saysThat(error.operation.error, 'image-missing')
        if (!isMissing && !isHyperkitError(error, 'outcome-unknown')) throw error
        const found = await findImage(connection, whole, within)
        if (found === undefined || !isSame(found.uploadedAt)) return true
        if (isMissing || wasRepeated || connection.transport.addresses === undefined) throw error
        return false
      }
    }
    if (await isGone(ended)) return
    wasRepeated = true
    // The member that was deleting it is gone, and its operation too.
    const { operation } = await send().catch((error: unknown) => {
      if (isHyperkitError(error, 'not-found')) return { operation: undefined }
      throw error
    })
    if (operation !== undefined) await isGone(waitOperation(connection, operation, within))
  })
}

/**
 * When the image was uploaded: between a deletion whose answer was lost and the look whether it was carried out, somebody may upload the
 * image again. A deletion is repeated only if there are several addresses.
 */
async function readUpload(
  connection: Connection,
  fingerprint: string,
  options: CallOptions,
): Promise<Date | undefined> {
  if (connection.transport.addresses === undefined) return undefined
  try {
    return (await findImage(connection, fingerprint, options))?.uploadedAt
  } catch (error) {
    // A client may delete images that it cannot see.
    if (isHyperkitError(error, 'not-authorized')) return undefined
    throw error
  }
}

function timeOf(image: unknown): Date | undefined {
  const { uploaded_at: time } = (image ?? {}) as { uploaded_at?: unknown }
  return typeof time === 'string' ? readTime(time) : undefined
}

const needsMembers = (words: string): boolean =>
  saysThat(words, 'member-down') || saysThat(words, 'half-deleted')

/**
 * No image can be deleted while a member of the cluster is down, not even one whose file is elsewhere. As long as the member does not
 * count as offline, the others delete the file nevertheless, and only the record stays (T83; tried on LXD 5.0.2+git, 5.21.7 and 6.9, and Incus 7.0.2).
 */
async function withMembers(
  connection: Connection,
  fingerprint: string,
  { operation }: OperationError,
  { project, signal }: Pick<CallOptions, 'project' | 'signal'>,
): Promise<OperationError> {
  const words = operation.error
  const missing = (await nameMissing(connection, { words }, { signal })) ?? 'the member that is down'
  const isLost =
    saysThat(words, 'half-deleted') && (await lacksFile(connection, fingerprint, { project, signal }))
  const remedy = isLost
    ? `its file is gone already, and only its record is left: start ${missing} again, then delete the image again`
    : `a cluster deletes images only while all of its members are up: start ${missing} again`
  return new OperationError(
    'operation-failed',
    `Cannot delete image ${shortFingerprint(fingerprint)} of "${connection.name}": ${words}; ${remedy}`,
    { operation, server: connection.name },
  )
}

async function lacksFile(
  connection: Connection,
  fingerprint: string,
  options: CallOptions,
): Promise<boolean> {
  try {
    return !(await hasContent(connection, fingerprint, options))
  } catch {
    options.signal?.throwIfAborted()
    return false
  }
}
