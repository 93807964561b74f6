import { createHash } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import { type ErrorCode, HyperkitError, isHyperkitError, type Progress } from '@hyperkit/core'
import { messageOf, pause } from '@hyperkit/core/parts'
import { publicUrl } from '../identity/public-url.ts'
import { type OpenedUrl, timedOut } from './open-url.ts'

/** A file that has arrived. */
export interface Received {
  /** SHA-256. */
  fingerprint: string
  size: number
}

export interface ReceiveBodyOptions {
  signal: AbortSignal | undefined
  /** Called with the stage `download`. */
  onProgress?: ((progress: Progress) => void) | undefined
  /** Requests the rest from this byte on; gives undefined if the web server does not send it. @default an interrupted download fails */
  resume?: ((from: number) => Promise<OpenedUrl | undefined>) | undefined
  /** Bytes; what is longer is not taken. @default no limit */
  maxSize?: number | undefined
  /** Milliseconds to wait for the next byte. @default 60000 */
  patience?: number | undefined
}

/** How often in a row the rest is requested without a byte arriving. */
const mostTries = 5

/**
 * Writes a body to a file, piece by piece, and hashes it on the way. The time is not limited as long as bytes arrive.
 *
 * @param handle undefined to hash it only
 * @throws {HyperkitError} `timeout`, `interrupted`, `file-unwritable`
 */
export async function receiveBody(
  opened: OpenedUrl,
  handle: FileHandle | undefined,
  options: ReceiveBodyOptions,
): Promise<Received> {
  const { signal, resume } = options
  const hash = createHash('sha256')
  const total = sizeOf(opened.response)
  const report = reporter(total, options.onProgress)
  let size = 0
  refuseLarger(total ?? 0, opened.url, options)
  const take = async (piece: Uint8Array): Promise<void> => {
    refuseLarger(size + piece.byteLength, opened.url, options)
    if (handle !== undefined) await write(handle, piece, opened.url)
    hash.update(piece)
    size += piece.byteLength
    report(size)
  }
  let current = opened
  for (let tries = 0; ; ) {
    const before = size
    const trouble: unknown = await drain(current, take, options).then(
      () => undefined,
      (error: unknown) => error ?? new Error(),
    )
    if (current !== opened) current.close()
    signal?.throwIfAborted()
    if (trouble instanceof TooLargeError) throw trouble
    if (trouble === undefined && size === (total ?? size)) return { fingerprint: hash.digest('hex'), size }
    const failure = brokenOff(opened.url, { size, total }, trouble)
    if (size > before) tries = 0
    let rest: OpenedUrl | undefined
    while (rest === undefined) {
      if (resume === undefined || failure.code === 'file-unwritable' || tries === mostTries) throw failure
      await pause(250 * 2 ** tries++, signal).catch(() => {})
      rest = await requestRest(resume, size, failure)
    }
    current = rest
  }
}

/** A file that is larger than the policy of the manifest allows. Its code is `precondition-failed`. */
export class TooLargeError extends HyperkitError {
  override readonly name = 'TooLargeError'
}

function refuseLarger(size: number, url: string, { maxSize }: ReceiveBodyOptions): void {
  if (maxSize === undefined || size <= maxSize) return
  throw new TooLargeError(
    'precondition-failed',
    `Cannot download ${JSON.stringify(publicUrl(url))}: the file has more than the ${maxSize} bytes that "policy.maxSize" allows`,
  )
}

/** Requests the rest; undefined while the web server is unreachable, as during a restart. */
async function requestRest(
  resume: NonNullable<ReceiveBodyOptions['resume']>,
  from: number,
  failure: HyperkitError,
): Promise<OpenedUrl | undefined> {
  try {
    return (await resume(from)) ?? Promise.reject(failure)
  } catch (error) {
    if (isHyperkitError(error) && unreachable.includes(error.code)) return undefined
    throw error
  }
}

const unreachable: readonly ErrorCode[] = ['unreachable', 'closed-without-answer']

async function drain(
  { response, url }: OpenedUrl,
  take: (piece: Uint8Array) => Promise<void>,
  { signal, patience = 60_000 }: ReceiveBodyOptions,
): Promise<void> {
  const reader = response.body?.getReader()
  try {
    for (;;) {
      signal?.throwIfAborted()
      const piece = await within(patience, reader?.read(), () =>
        timedOut(url, 'no data arrived for', patience),
      )
      if (piece === undefined || piece.done) return
      await take(piece.value)
    }
  } catch (error) {
    await reader?.cancel(error).catch(() => {})
    throw error
  }
}

async function write(handle: FileHandle, bytes: Uint8Array, url: string): Promise<void> {
  try {
    for (let at = 0; at < bytes.byteLength; ) at += (await handle.write(bytes, at)).bytesWritten
  } catch (cause) {
    const why = messageOf(cause)
    throw new HyperkitError('file-unwritable', `Cannot download ${JSON.stringify(publicUrl(url))}: ${why}`, {
      cause,
    })
  }
}

async function within<T>(
  milliseconds: number,
  promise: Promise<T> | undefined,
  error: () => Error,
): Promise<T | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(error()), milliseconds)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

function brokenOff(
  url: string,
  { size, total }: { size: number; total: number | undefined },
  trouble: unknown,
): HyperkitError {
  if (isHyperkitError(trouble)) return trouble
  // Bun appends advice for callers of `fetch`.
  const [text = ''] = trouble instanceof Error ? trouble.message.split('. For more information') : []
  const why = text === '' ? '' : ` (${text})`
  const of = total === undefined ? '' : ` of ${total}`
  return new HyperkitError(
    'interrupted',
    `Cannot download ${JSON.stringify(publicUrl(url))}: the connection broke after ${size}${of} bytes${why}`,
    { cause: trouble, server: new URL(url).host },
  )
}

/** The number of bytes that will arrive, from `Content-Length`; undefined if they are encoded. */
export function sizeOf({ headers }: Response): number | undefined {
  const text = headers.get('content-length')
  const isPlain = (headers.get('content-encoding') ?? 'identity') === 'identity'
  return isPlain && text !== null && /^\d+$/.test(text) ? Number(text) : undefined
}

const interval = 100

function reporter(
  totalBytes: number | undefined,
  onProgress: ((progress: Progress) => void) | undefined,
): (bytes: number) => void {
  let reported = Number.NEGATIVE_INFINITY
  return (bytes) => {
    const now = performance.now()
    if (onProgress === undefined || (now - reported < interval && bytes !== totalBytes)) return
    reported = now
    onProgress({ stage: 'download', bytes, ...(totalBytes === undefined ? {} : { totalBytes }) })
  }
}
