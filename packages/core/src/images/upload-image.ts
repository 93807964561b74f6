import { checkWholeFingerprint } from '../arguments/fingerprint.ts'
import { headerText } from '../arguments/image-attributes.ts'
import { countProgress } from '../bytes/count-progress.ts'
import { FingerprintMismatchError, ServerError } from '../errors/errors.ts'
import { isHyperkitError } from '../errors/is-hyperkit-error.ts'
import type { Answer } from '../http/answer.ts'
import type { CallOptions } from '../http/call.ts'
import type { Connection } from '../http/connection.ts'
import { outlastElection } from '../http/outlast-election.ts'
import type { Image } from '../model/image.ts'
import type { Progress } from '../model/progress.ts'
import { type OperationHandle, operationHandle } from '../operations/operation-handle.ts'
import { type WaitOptions, waitOperation } from '../operations/wait-operation.ts'
import { beginCreation } from './begin-creation.ts'
import { createdFingerprint } from './created-fingerprint.ts'
import { endLeftTokens } from './end-left-tokens.ts'
import { findImage } from './get-image.ts'
import { hasContent } from './has-content.ts'
import {
  applyAttributes,
  checkAliasesFree,
  checkAttributes,
  type ImageAttributes,
} from './image-attributes.ts'
import { checkPublic } from './may-be-public.ts'
import { type FirstState, hasTakenSecret, type PushToken, requestPushToken } from './push-token.ts'
import { unlessUnseen } from './unless-unseen.ts'
import { checkSource, openBody, sourceName, sourceSize, type UploadSource } from './upload-source.ts'
import { watchStandstill } from './watch-standstill.ts'

/** Options of `images.upload`. */
export interface UploadImageOptions extends CallOptions, ImageAttributes {
  /**
   * SHA-256 of the file, or of metadata then rootfs. With it, nothing is sent if the server has the image, and the server refuses other
   * bytes. A function is called after the bytes have been sent, for callers that hash while they send; it may take as long as the
   * server's own work.
   */
  fingerprint?: string | (() => string | Promise<string>) | undefined
  onProgress?: ((progress: Progress) => void) | undefined
  /**
   * Called with a sentence if the server reports a failure although the image is complete (such as in a cluster whose members fail to
   * take copies of it), and if the call is aborted but the image stays (LXD 6 cancels some work too late).
   */
  onWarning?: ((message: string) => void) | undefined
  /**
   * Milliseconds for which an image that was sent may wait for other work of the server, such as a download of the same image (LXD 5.21
   * and newer). Then waiting ends with a `timeout` error, and nothing is cancelled. @default 300000
   */
  patience?: number | undefined
  /**
   * What the image has from its first moment, if `fingerprint` is a text: with it, an upload that is killed leaves no image without these
   * properties, or an operation that names them. If the server refuses, they are set once the image is there, with a warning. It has to
   * agree with `properties`, which are set in any case.
   */
  firstState?: FirstState | undefined
  /**
   * Whether the caller has just read that the server does not have the image, and has ended the tokens of killed uploads: then neither is
   * looked for. If the image is there nevertheless, it is sent in vain, and the result is the same. @default false
   */
  isNew?: boolean | undefined
}

/**
 * Sends an image as one streamed request: no copy, no retry, no time limit.
 *
 * Properties are not sent with the request: that header crashes the whole daemon if the archive's metadata have no properties (LXD 5.0.2
 * to 6.9, Incus 6.0.4 to 7.3). They are part of a push token, if the caller knows those of the archive. Everything else, expiry, profiles
 * and aliases, is set once the image is there, aliases last.
 */
export async function uploadImage(
  connection: Connection,
  source: UploadSource,
  options: UploadImageOptions = {},
): Promise<OperationHandle<Image>> {
  checkSource(source)
  checkAttributes(options)
  const known =
    typeof options.fingerprint === 'string' ? checkWholeFingerprint(options.fingerprint) : undefined
  const call: CallOptions = { signal: options.signal, project: options.project }
  await checkAliasesFree(connection, options, known, call)
  const { isNew = false, firstState } = options
  if (known !== undefined && firstState !== undefined && !isNew)
    await endLeftTokens(connection, known, firstState, call)
  if (known !== undefined && !isNew && (await isWhole(connection, known, call))) {
    return operationHandle(connection, undefined, call, () =>
      applyAttributes(connection, known, options, call),
    )
  }
  await checkPublic(connection, options.public, `upload ${sourceName(source)} to`, call)
  const { operation: url, token, isTold } = await post(connection, source, options, known, call)
  const standstill = watchStandstill(connection, url, {
    ...call,
    what: `upload ${sourceName(source)} to`,
    fingerprint: known,
    patience: options.patience ?? 300_000,
  })
  return operationHandle(
    connection,
    url,
    { ...call, onProgress: options.onProgress, leave: standstill.signal },
    (ended, waiting) =>
      endToken(token, async () => {
        standstill.begin(ended)
        const within = { signal: waiting.signal, project: waiting.project }
        // A failure is handled below; until the fingerprint is known, it must not count as unhandled.
        ended.catch(() => undefined)
        const expected = typeof options.fingerprint === 'function' ? await options.fingerprint() : known
        const fingerprint = await createdFingerprint(connection, ended, {
          what: `upload ${sourceName(source)} to`,
          expected,
          call: within,
          operation: url,
          onWarning: options.onWarning,
          repair: async () => {
            const again = await post(connection, source, { ...options, firstState: undefined }, known, within)
            // This upload ends as "already exists", but has restored the file.
            return operationHandle(connection, again.operation, within, (second) => second)
              .wait()
              .catch(() => undefined)
          },
          again: async () => {
            const again = await post(connection, source, { ...options, firstState: undefined }, known, within)
            const { onProgress } = waiting
            return { ended: waitFor(connection, again.operation, { ...within, onProgress }) }
          },
        })
        if (expected !== undefined && expected !== fingerprint)
          throw differing(connection, source, expected, fingerprint)
        const unsent = isTold ? { ...options, properties: undefined, expiresAt: undefined } : options
        return unlessUnseen(connection, fingerprint, unsent, within, () =>
          applyAttributes(connection, fingerprint, options, within),
        )
      }),
  )
}

/** Cancels a token that the server has not taken, when the properties of the image are set or the upload has failed. */
async function endToken(token: PushToken | undefined, work: () => Promise<Image>): Promise<Image> {
  try {
    return await work()
  } finally {
    await token?.end()
  }
}

function waitFor(connection: Connection, url: string | undefined, options: WaitOptions): Promise<unknown> {
  return url === undefined ? Promise.resolve() : waitOperation(connection, url, options)
}

/** Whether the image is there, with its content. */
async function isWhole(connection: Connection, fingerprint: string, call: CallOptions): Promise<boolean> {
  return (await isThere(connection, fingerprint, call)) && (await hasContent(connection, fingerprint, call))
}

/** For a client that may create images but not see them (T61), the server's own refusal decides. */
async function isThere(connection: Connection, fingerprint: string, call: CallOptions): Promise<boolean> {
  try {
    return (await findImage(connection, fingerprint, call)) !== undefined
  } catch (error) {
    if (isHyperkitError(error, 'not-authorized')) return false
    throw error
  }
}

interface Posted {
  operation: string | undefined
  /** A token that the server has not taken. */
  token: PushToken | undefined
  /** Whether the server has taken a token, and so the properties and the expiry. */
  isTold: boolean
}

async function post(
  connection: Connection,
  source: UploadSource,
  options: UploadImageOptions,
  known: string | undefined,
  call: CallOptions,
): Promise<Posted> {
  return beginCreation(connection, {
    call,
    send: () => postOnce(connection, source, options, known, call),
    find: async () => {
      if (known === undefined || !(await isWholeAnywhere(connection, known, call))) return undefined
      return { operation: undefined, token: undefined, isTold: false }
    },
  })
}

/** If the content cannot be read, because the member that has it is down, another upload shows what the server says to that. */
async function isWholeAnywhere(
  connection: Connection,
  fingerprint: string,
  call: CallOptions,
): Promise<boolean> {
  try {
    return await isWhole(connection, fingerprint, call)
  } catch (error) {
    call.signal?.throwIfAborted()
    if (error instanceof ServerError) return false
    throw error
  }
}

async function postOnce(
  connection: Connection,
  source: UploadSource,
  options: UploadImageOptions,
  known: string | undefined,
  call: CallOptions,
): Promise<Posted> {
  const token = await openToken(connection, options, known, call)
  try {
    const begin = (): Promise<Answer> =>
      send(connection, source, options, { known, secret: token?.secret }, call)
    // Requests with JSON do so themselves; the bytes of an upload have to be opened again.
    const answer = await (connection.transport.addresses === undefined
      ? begin()
      : outlastElection(call.signal, begin))
    const isTold = hasTakenSecret(answer)
    return { operation: answer.operation, token: isTold ? undefined : token, isTold }
  } catch (error) {
    await token?.end()
    throw error
  }
}

async function openToken(
  connection: Connection,
  { firstState, public: isPublic = false, expiresAt, onWarning }: UploadImageOptions,
  known: string | undefined,
  call: CallOptions,
): Promise<PushToken | undefined> {
  if (firstState === undefined || known === undefined) return undefined
  const attributes = { state: firstState, public: isPublic, expiresAt }
  const token = await requestPushToken(connection, known, attributes, call)
  if (!('refused' in token)) return token
  onWarning?.(
    `"${connection.name}" gave no token for the upload, so the image gets its properties only when it is complete: ${token.refused}`,
  )
  return undefined
}

async function send(
  connection: Connection,
  source: UploadSource,
  options: UploadImageOptions,
  { known, secret }: { known: string | undefined; secret: string | undefined },
  call: CallOptions,
): Promise<Answer> {
  const { dialect } = await connection.server(call)
  const header = (name: string, value: string | undefined): Record<string, string> =>
    value === undefined ? {} : { [`${dialect.headerPrefix}${name}`]: value }
  const named = options.filename === undefined ? source : rename(source, options.filename)
  const filename = named.kind === 'unified' ? named.filename : undefined
  const { body, headers } = await openBody(
    named,
    countProgress('upload', sourceSize(source), options.onProgress),
  )
  return connection.ask({
    method: 'POST',
    path: '/1.0/images',
    body,
    headers: {
      ...headers,
      ...header('fingerprint', known),
      ...header('secret', secret),
      ...header('filename', filename === undefined ? undefined : headerText('filename', filename)),
      ...header('public', options.public ? 'true' : undefined),
    },
    action: `upload ${sourceName(source)}`,
    timeout: false,
    ...call,
  })
}

/** For a split image, servers keep the filename of the rootfs part and ignore the header. */
function rename(source: UploadSource, filename: string): UploadSource {
  return source.kind === 'unified'
    ? { ...source, filename }
    : { ...source, rootfs: { ...source.rootfs, filename } }
}

function differing(
  connection: Connection,
  source: UploadSource,
  expected: string,
  actual: string,
): FingerprintMismatchError {
  return new FingerprintMismatchError(
    `Cannot trust ${sourceName(source)} on "${connection.name}": ${expected} was sent, but the server stored ${actual}; delete that image and upload again`,
    { server: connection.name, expected, actual },
  )
}
