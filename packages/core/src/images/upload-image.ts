import { checkWholeFingerprint } from '../arguments/fingerprint.ts'
import { headerText } from '../arguments/image-attributes.ts'
import { uploadProgress } from '../bytes/count-bytes.ts'
import { FingerprintMismatchError } from '../errors/errors.ts'
import { isHyperkitError } from '../errors/is-hyperkit-error.ts'
import type { CallOptions } from '../http/call.ts'
import type { Connection } from '../http/connection.ts'
import type { Image } from '../model/image.ts'
import type { Progress } from '../model/progress.ts'
import { type OperationHandle, operationHandle } from '../operations/operation-handle.ts'
import { createdFingerprint } from './created-fingerprint.ts'
import { findImage } from './get-image.ts'
import { hasContent } from './has-content.ts'
import {
  applyAttributes,
  checkAliasesFree,
  checkAttributes,
  type ImageAttributes,
} from './image-attributes.ts'
import { checkPublic } from './may-be-public.ts'
import { unlessUnseen } from './unless-unseen.ts'
import { checkSource, openBody, sourceName, sourceSize, type UploadSource } from './upload-source.ts'
import { watchStandstill } from './watch-standstill.ts'

/** Options of `images.upload`. */
export interface UploadImageOptions extends CallOptions, ImageAttributes {
  /**
   * SHA-256 of the file, or of metadata then rootfs. With it, nothing is sent where the server has the image, and the
   * server refuses bytes that arrive otherwise. A function is asked once the bytes are sent, for who hashes on the way; it
   * may take the time that the server needs for its own work.
   */
  fingerprint?: string | (() => string | Promise<string>) | undefined
  onProgress?: ((progress: Progress) => void) | undefined
  /**
   * Called with a sentence if the server reports a failure and the image is there, whole (a cluster whose members fail to take
   * copies of it, for one), and if the call is aborted and the image stays (LXD 6 cancels too late for some).
   */
  onWarning?: ((message: string) => void) | undefined
  /**
   * Milliseconds for which an image that was sent may wait for another creation of the server's own, such as a download of the
   * same image (LXD 5.21 and newer): then waiting ends with a `timeout` error, and nothing is cancelled. @default 300000
   */
  patience?: number | undefined
}

/**
 * Sends an image as one streamed request: no copy, no retry, no time limit.
 *
 * Properties are not sent with it: where the archive's metadata have none, that header ends the whole daemon (LXD 5.0.2
 * to 6.9, Incus 6.0.4 to 7.3). They, expiry, profiles and aliases follow once the image is there, aliases last.
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
  if (
    known !== undefined &&
    (await isThere(connection, known, call)) &&
    (await hasContent(connection, known, call))
  ) {
    return operationHandle(connection, undefined, call, () =>
      applyAttributes(connection, known, options, call),
    )
  }
  await checkPublic(connection, options.public, `upload ${sourceName(source)} to`, call)
  const url = await post(connection, source, options, known, call)
  const standstill = watchStandstill(connection, url, {
    ...call,
    what: `upload ${sourceName(source)} to`,
    patience: options.patience ?? 300_000,
  })
  return operationHandle(
    connection,
    url,
    { ...call, onProgress: options.onProgress, leave: standstill.signal },
    async (ended, waiting) => {
      standstill.begin(ended)
      const within = { signal: waiting.signal, project: waiting.project }
      // Looked at below; until the fingerprint is there, a failure must not count as one that nobody handles.
      ended.catch(() => undefined)
      const expected = typeof options.fingerprint === 'function' ? await options.fingerprint() : known
      const fingerprint = await createdFingerprint(connection, ended, {
        what: `upload ${sourceName(source)} to`,
        expected,
        call: within,
        operation: url,
        onWarning: options.onWarning,
        repair: async () => {
          const again = await post(connection, source, options, known, within)
          // It ends as "already exists" and has put the file back all the same.
          return operationHandle(connection, again, within, (second) => second)
            .wait()
            .catch(() => undefined)
        },
      })
      if (expected !== undefined && expected !== fingerprint)
        throw differing(connection, source, expected, fingerprint)
      return unlessUnseen(connection, fingerprint, options, within, () =>
        applyAttributes(connection, fingerprint, options, within),
      )
    },
  )
}

/** A client that may create images and not see them learns it from the server's refusal (T61). */
async function isThere(connection: Connection, fingerprint: string, call: CallOptions): Promise<boolean> {
  try {
    return (await findImage(connection, fingerprint, call)) !== undefined
  } catch (error) {
    if (isHyperkitError(error, 'not-authorized')) return false
    throw error
  }
}

async function post(
  connection: Connection,
  source: UploadSource,
  options: UploadImageOptions,
  known: string | undefined,
  call: CallOptions,
): Promise<string | undefined> {
  const { dialect } = await connection.server(call)
  const header = (name: string, value: string | undefined): Record<string, string> =>
    value === undefined ? {} : { [`${dialect.headerPrefix}${name}`]: value }
  const named = options.filename === undefined ? source : rename(source, options.filename)
  const filename = named.kind === 'unified' ? named.filename : undefined
  const { body, headers } = await openBody(
    named,
    options.onProgress && uploadProgress(sourceSize(source), options.onProgress),
  )
  const answer = await connection.ask({
    method: 'POST',
    path: '/1.0/images',
    body,
    headers: {
      ...headers,
      ...header('fingerprint', known),
      ...header('filename', filename === undefined ? undefined : headerText('filename', filename)),
      ...header('public', options.public ? 'true' : undefined),
    },
    action: `upload ${sourceName(source)}`,
    timeout: false,
    ...call,
  })
  return answer.operation
}

/** Of a split image, servers keep the name of the rootfs part, and read no header. */
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
    `Cannot trust ${sourceName(source)} on "${connection.name}": ${expected} was sent and ${actual} was stored; delete that image and upload again`,
    { server: connection.name, expected, actual },
  )
}
