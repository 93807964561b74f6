import { guardBody } from '../bytes/guard-body.ts'
import { FingerprintMismatchError, ServerError, TransportError, UnsupportedError } from '../errors/errors.ts'
import { codeOfStatus } from '../http/answer.ts'
import type { Connection } from '../http/connection.ts'
import { discardBody } from '../http/discard-body.ts'
import { type Elsewhere, fetchElsewhere } from '../http/fetch-elsewhere.ts'
import { transportFailure } from '../http/transport-failure.ts'
import type { Image } from '../model/image.ts'
import { relayed } from '../model/progress.ts'
import type { ServerInfo } from '../model/server-info.ts'
import { shortFingerprint } from '../model/short-fingerprint.ts'
import type { OperationHandle } from '../operations/operation-handle.ts'
import type { CreateImageOptions } from './create-image.ts'
import { uploadImage } from './upload-image.ts'

interface BringOptions extends CreateImageOptions {
  /** The fingerprint of the file, if the caller knows it. */
  fingerprint: string | undefined
  fetch: Elsewhere['fetch']
  server: ServerInfo
}

/** The file behind a URL, and the fingerprint that it must have. */
interface NamedFile {
  fingerprint: string
  url: string
  /** Bytes, if the answer says it. */
  size: number | undefined
}

/** Milliseconds in which an answer must begin. */
const patience = 60_000

/** This process downloads an image that the server does not, and sends it on to the server. */
export async function bringFromUrl(
  connection: Connection,
  url: string,
  { fingerprint: expected, fetch, server, ...options }: BringOptions,
): Promise<OperationHandle<Image>> {
  const { signal, onProgress } = options
  const file = await readHeaders(connection, url, { expected, fetch, server, signal })
  let failure: unknown
  const failed = (error: unknown): Error => {
    failure = transportFailure(error, { ...factsOf(file.url), reading: true })
    return failure as Error
  }
  try {
    return await uploadImage(
      connection,
      {
        kind: 'unified',
        size: file.size,
        filename: filenameOf(file.url),
        async open() {
          try {
            return await openFile(file.url, fetch, failed, signal)
          } catch (error) {
            failure = error
            throw error
          }
        },
      },
      {
        ...options,
        fingerprint: file.fingerprint,
        onProgress: onProgress && ((progress) => onProgress(relayed(progress))),
      },
    )
  } catch (error) {
    signal?.throwIfAborted()
    // If the web server fails, the image server only sees a client that went away.
    throw failure ?? error
  }
}

/** Reads the headers that a server would read, whatever the status is: some pages send them with a 404. */
async function readHeaders(
  connection: Connection,
  url: string,
  how: { expected: string | undefined; signal: AbortSignal | undefined } & Pick<
    BringOptions,
    'fetch' | 'server'
  >,
): Promise<NamedFile> {
  const { expected, server, fetch, signal } = how
  const prefix = server.dialect.urlHeaderPrefix
  const answer = await within(signal, url, (limited) =>
    fetchElsewhere(url, {
      ...factsOf(url),
      fetch,
      method: 'HEAD',
      signal: limited,
      // The answer of a page may depend on these.
      headers: {
        [`${prefix}-Server-Architectures`]: server.architectures.join(', '),
        ...(server.version === undefined ? {} : { [`${prefix}-Server-Version`]: server.version }),
      },
      insecure: expected !== undefined || url.startsWith('http:'),
      instead: 'give "sha256" to accept the file anyway',
    }),
  )
  await discardBody(answer)
  const hash = answer.headers.get(`${prefix}-Image-Hash`)?.toLowerCase()
  const place = answer.headers.get(`${prefix}-Image-URL`)
  if (expected !== undefined && hash !== undefined && hash !== expected)
    throw new FingerprintMismatchError(
      `Cannot download an image from ${url}: it names image ${shortFingerprint(hash)}, but ${shortFingerprint(expected)} is expected`,
      { server: new URL(url).host, expected, actual: hash },
    )
  const fingerprint = expected ?? hash
  const file = place === null ? url : URL.canParse(place, url) ? new URL(place, url).href : undefined
  const isNamed = expected !== undefined || place !== null
  if (fingerprint !== undefined && /^[0-9a-f]{64}$/.test(fingerprint) && file !== undefined && isNamed)
    return { fingerprint, url: file, size: file === url && answer.ok ? lengthOf(answer) : undefined }
  throw new UnsupportedError(
    `Cannot have "${connection.name}" download ${url}: LXD 6.9 and newer download no images by URL, and this client could not verify the file: the answer (HTTP ${answer.status}) names no image in the headers ${prefix}-Image-Hash and ${prefix}-Image-URL; give the SHA-256 of the file as "sha256"`,
    { server: connection.name },
  )
}

async function openFile(
  url: string,
  fetch: Elsewhere['fetch'],
  failed: (error: unknown) => Error,
  signal: AbortSignal | undefined,
): Promise<ReadableStream<Uint8Array>> {
  const facts = factsOf(url)
  const answer = await within(signal, url, (limited) =>
    // Plain http is safe here, because the hash is known.
    fetchElsewhere(url, {
      ...facts,
      fetch,
      method: 'GET',
      signal: limited,
      insecure: true,
      instead: '',
    }),
  )
  if (!answer.ok) {
    const { status } = answer
    await discardBody(answer)
    throw new ServerError(
      codeOfStatus(status),
      `${facts.action} of "${facts.server}": the server answered ${status}`,
      { server: facts.server, status, errorCode: status, serverMessage: '', request: facts.request },
    )
  }
  return guardBody(answer.body ?? new Blob([]).stream(), { length: lengthOf(answer), failed, signal })
}

/** Bytes of the body; unknown if it is compressed in transit. */
function lengthOf({ headers }: Response): number | undefined {
  const length = headers.get('content-length') ?? ''
  return /^[1-9]\d*$/.test(length) && !headers.has('content-encoding') ? Number(length) : undefined
}

/** @throws {TransportError} `timeout` if the answer does not begin in time; its body may take longer */
async function within(
  signal: AbortSignal | undefined,
  url: string,
  ask: (signal: AbortSignal) => Promise<Response>,
): Promise<Response> {
  const late = new AbortController()
  const { action, server, request } = factsOf(url)
  const silent = new TransportError(
    'timeout',
    `${action} of "${server}": it did not answer within ${patience / 1000} seconds`,
    { server, request },
  )
  const timer = setTimeout(() => late.abort(silent), patience)
  try {
    return await ask(signal === undefined ? late.signal : AbortSignal.any([signal, late.signal]))
  } finally {
    clearTimeout(timer)
  }
}

function factsOf(url: string): Pick<Elsewhere, 'server' | 'action' | 'request'> {
  const { host, pathname } = new URL(url)
  return {
    server: host,
    action: `Cannot download ${JSON.stringify(pathname)}`,
    request: { method: 'GET', path: pathname },
  }
}

/** The name of the file in the URL, if servers can store that name. */
function filenameOf(url: string): string | undefined {
  try {
    const name = decodeURIComponent(new URL(url).pathname.split('/').pop() ?? '')
    return name === '' || /[\\/\p{Cc}]/u.test(name) ? undefined : name
  } catch {
    return undefined
  }
}
