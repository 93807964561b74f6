import { describeStored } from '../cluster/describe-stored.ts'
import { readCluster } from '../cluster/read-cluster.ts'
import { OperationError, OutcomeUnknownError } from '../errors/errors.ts'
import { isHyperkitError } from '../errors/is-hyperkit-error.ts'
import type { CallOptions } from '../http/call.ts'
import type { Connection } from '../http/connection.ts'
import { messageOf } from '../model/message-of.ts'
import type { Operation } from '../model/operation.ts'
import { type ServerMeaning, saysThat } from '../model/server-words.ts'
import { getOperation } from '../operations/get-operation.ts'
import { fingerprintOfOperation } from './fingerprint-of-operation.ts'
import { findImage } from './get-image.ts'
import { hasContent } from './has-content.ts'

export interface Creation {
  /** `Cannot ${what} "server"`, such as `upload image "x" to`. */
  what: string
  /** The fingerprint, if known beforehand. */
  expected?: string | undefined
  /** Whether the other server was asked for the image by an alias. */
  byAlias?: boolean | undefined
  call: CallOptions
  /** URL or id of the operation that creates it. */
  operation?: string | undefined
  /** Finds the image after the operation was lost, if its fingerprint was not known beforehand. */
  search?: (() => Promise<string | undefined>) | undefined
  /** Sends the content again if the record turns out to have none. */
  repair?: (() => Promise<unknown>) | undefined
  /** Does the work again, after it was lost with the member of a cluster that did it, or finds its image. */
  again?: (() => Promise<Again>) | undefined
  /** Called if the server reports a failure although the image is there, and if the creation is aborted but its image stays. */
  onWarning?: ((message: string) => void) | undefined
}

/** Work that was begun again. */
export interface Again {
  /** How its operation ends. */
  ended: Promise<unknown>
  /** That of the image, if it was found. */
  fingerprint?: string | undefined
}

/**
 * The fingerprint of the image that an operation created or found. Anything other than a readable image is an error.
 */
export async function createdFingerprint(
  connection: Connection,
  ended: Promise<unknown>,
  creation: Creation,
): Promise<string> {
  try {
    const operation = (await ended) as Operation | undefined
    const fingerprint = fingerprintOfOperation(operation?.metadata ?? {}) ?? creation.expected
    if (fingerprint !== undefined) return fingerprint
    throw unknown(connection, creation, operation?.id, undefined)
  } catch (error) {
    if (creation.call.signal?.aborted) await afterAbort(connection, creation)
    if (error instanceof OperationError && error.code === 'operation-failed')
      return afterFailure(connection, error, creation)
    if (error instanceof OperationError) throw await afterCancel(connection, error, creation)
    if (isHyperkitError(error, 'outcome-unknown'))
      return afterLoss(connection, error as OutcomeUnknownError, creation)
    throw error
  }
}

/**
 * "Already exists" is a success if the image and its content are there. So is any other failure that leaves this image complete:
 * members of a cluster can fail to take copies of it (T77).
 */
async function afterFailure(
  connection: Connection,
  error: OperationError,
  creation: Creation,
): Promise<string> {
  const fingerprint = fingerprintOfOperation(error.operation.metadata) ?? creation.expected
  const words = error.operation.error
  const failed = (seen = ''): OperationError =>
    new OperationError(
      'operation-failed',
      `Cannot ${creation.what} "${connection.name}": ${words}${advice(words, creation)}${seen}`,
      { operation: error.operation, server: connection.name, cause: error },
    )
  if (fingerprint === undefined) throw failed()
  // Incus 6.0.4 to 7.3 fails every pull of an image that it has already with aliases, and names one of them.
  const wasThere = saysThat(words, 'image-exists') || saysThat(words, 'alias-exists')
  const found = await lookFor(connection, fingerprint, creation)
  if (found.content === 'lost' && wasThere && creation.repair !== undefined) {
    await creation.repair()
    if ((await lookFor(connection, fingerprint, creation)).content === 'there') return fingerprint
  }
  if (found.content === 'there') {
    if (!wasThere && creation.onWarning !== undefined) {
      const { signal } = creation.call
      const read = () => readCluster(connection, { signal })
      creation.onWarning(await describeStored(failed().message, { fingerprint, words, signal, read }))
    }
    return fingerprint
  }
  if (found.content === 'unknown') throw failed(`; looking for image ${fingerprint} failed too: ${found.why}`)
  if (wasThere && found.content === 'no-record')
    throw failed(`; image ${fingerprint} is not among those that this client may see`)
  throw failed()
}

/** LXD 6 allows cancelling work that is all but done, and the image stays (T55). */
async function afterCancel(
  connection: Connection,
  error: OperationError,
  creation: Creation,
): Promise<OperationError> {
  const fingerprint = fingerprintOfOperation(error.operation.metadata)
  if (fingerprint === undefined) return error
  const { content } = await lookFor(connection, fingerprint, creation)
  if (content === 'no-record') return error
  const seen = content === 'unknown' ? 'may be there' : 'is there'
  return new OperationError(
    'operation-cancelled',
    `Cannot ${creation.what} "${connection.name}": it was cancelled, but image ${fingerprint} ${seen}; delete it if you do not want it`,
    { operation: error.operation, server: connection.name, cause: error },
  )
}

/** Milliseconds in which an aborted creation looks for the image that it may have left. */
const lookLimit = 2_000

/** Warns that the image stayed (T55): the abort itself rejects with the signal's reason. */
async function afterAbort(connection: Connection, creation: Creation): Promise<void> {
  const { what, onWarning, operation } = creation
  if (onWarning === undefined || operation === undefined) return
  const call = { project: creation.call.project, signal: AbortSignal.timeout(lookLimit) }
  try {
    const { metadata } = await getOperation(connection, operation, call)
    const fingerprint = fingerprintOfOperation(metadata)
    if (fingerprint !== undefined && (await findImage(connection, fingerprint, call)) !== undefined)
      onWarning(
        `The request to ${what} "${connection.name}" was aborted, but image ${fingerprint} stays there; delete it if you do not want it`,
      )
  } catch {
    // The abort is what the caller must learn of.
  }
}

async function afterLoss(
  connection: Connection,
  error: OutcomeUnknownError,
  creation: Creation,
): Promise<string> {
  const hasOthers = connection.transport.addresses !== undefined
  try {
    const fingerprint = creation.expected ?? (await creation.search?.())
    if (fingerprint !== undefined && !hasOthers && (await findImage(connection, fingerprint, creation.call)))
      return fingerprint
    // The file of a record may lie on the member that is gone (T78).
    if (fingerprint !== undefined && hasOthers) {
      const found = await lookFor(connection, fingerprint, creation)
      if (found.content === 'there') return fingerprint
      if (found.content === 'unknown') throw new Error(found.why)
    }
  } catch (second) {
    creation.call.signal?.throwIfAborted()
    throw unknown(connection, creation, error.operationId, error, second)
  }
  const { again, ...once } = creation
  if (again === undefined || !hasOthers) throw unknown(connection, creation, error.operationId, error)
  const { ended, fingerprint } = await again()
  return createdFingerprint(connection, ended, { ...once, expected: fingerprint ?? once.expected })
}

type Look = { content: 'there' | 'lost' | 'no-record' } | { content: 'unknown'; why: string }

/** Throws nothing but an abort, because the failure of the operation is the error to report. */
async function lookFor(connection: Connection, fingerprint: string, { call }: Creation): Promise<Look> {
  try {
    if ((await findImage(connection, fingerprint, call)) === undefined) return { content: 'no-record' }
    return { content: (await hasContent(connection, fingerprint, call)) ? 'there' : 'lost' }
  } catch (error) {
    call.signal?.throwIfAborted()
    return { content: 'unknown', why: messageOf(error) }
  }
}

/** @param second why looking for the image failed */
function unknown(
  connection: Connection,
  creation: Creation,
  operationId: string | undefined,
  cause: unknown,
  second?: unknown,
): OutcomeUnknownError {
  const verify = creation.expected
    ? `whether image ${creation.expected} is there`
    : 'the images that are there'
  // A server that is killed between creating a record and writing its properties leaves an image without the marker.
  const seen =
    second !== undefined
      ? `looking for the image failed (${messageOf(second)})`
      : creation.expected
        ? 'the image was not there afterwards'
        : 'none of the images there can be identified as the new one'
  return new OutcomeUnknownError(
    `Cannot ${creation.what} "${connection.name}": the server lost the operation (was it restarted?), and ${seen}; check ${verify}, then try again`,
    { server: connection.name, operationId, verify, cause },
  )
}

const hints: [ServerMeaning, string][] = [
  ['not-an-archive', 'is it a whole image file (tar, gzip, xz, zstd or squashfs)?'],
  ['metadata-missing', 'an image needs a metadata.yaml at its top; is it the rootfs of a split image?'],
  ['creation-date-missing', 'add creation_date to metadata.yaml'],
  ['architecture-unsupported', 'check architecture in metadata.yaml'],
  ['rootfs-missing', 'the archive has no rootfs'],
  ['fingerprint-mismatch', 'the bytes changed in transit, or the expected fingerprint is wrong'],
  [
    'url-names-no-image',
    'the answer names no image in its headers; give its SHA-256 as "sha256", and this client downloads it',
  ],
  [
    'registry-denies',
    'the server asks the registry with credentials of its own, and not with yours; log in on its machine with "skopeo login", as the user that runs it',
  ],
  [
    'registry-untrusted',
    'the server trusts registries by the authorities of its own system; add the authority of this one there',
  ],
  ['certificate-unknown', 'give the certificate of the source'],
  [
    'not-at-source',
    'not found at the source, or private there: a private image needs a fingerprint and a secret',
  ],
]

function advice(words: string, { byAlias }: Creation): string {
  // LXD 5.21 and newer take an unknown alias for a fingerprint, and complain about that (T68).
  const meant = byAlias && saysThat(words, 'no-fingerprint') ? 'not-at-source' : undefined
  const hint = hints.find(([meaning]) => meaning === meant || saysThat(words, meaning))
  return hint ? ` (${hint[1]})` : ''
}
