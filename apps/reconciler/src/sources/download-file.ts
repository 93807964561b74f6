import { createHash, randomUUID } from 'node:crypto'
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { HyperkitError, type Progress } from '@hyperkit/core'
import type { OpenedUrl } from './open-url.ts'

export interface DownloadedFile {
  /** SHA-256 of what came. */
  fingerprint: string
  size: number
}

export interface DownloadFileOptions {
  signal: AbortSignal | undefined
  /** Stage `download`. */
  onProgress?: ((progress: Progress) => void) | undefined
  /** Refuses what came before it gets its name. */
  check?(file: DownloadedFile): void
}

/** Milliseconds without a byte. */
const patience = 60_000

/**
 * Writes the body of an answer to a file, hashed on the way and a piece at a time. A file that bears the name is whole, and
 * was checked; what breaks off leaves nothing.
 *
 * @throws {HyperkitError} `interrupted`, `timeout`, `file-unwritable`
 */
export async function downloadFile(
  opened: OpenedUrl,
  path: string,
  { signal, onProgress, check }: DownloadFileOptions,
): Promise<DownloadedFile> {
  const part = `${path}.${randomUUID().slice(0, 8)}.part`
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    const handle = await open(part, 'wx', 0o600)
    const file = await receive(opened, handle, { signal, onProgress }).finally(() => handle.close())
    check?.(file)
    await rename(part, path)
    return file
  } catch (error) {
    await rm(part, { force: true })
    signal?.throwIfAborted()
    if (error instanceof HyperkitError) throw error
    const why = error instanceof Error ? error.message : String(error)
    const isOurs = (error as NodeJS.ErrnoException).syscall !== undefined && 'path' in (error as object)
    throw new HyperkitError(
      isOurs ? 'file-unwritable' : 'interrupted',
      `Cannot download ${JSON.stringify(opened.url)}: ${why}`,
      { cause: error, server: new URL(opened.url).host },
    )
  }
}

async function receive(
  { response, url }: OpenedUrl,
  handle: FileHandle,
  { signal, onProgress }: DownloadFileOptions,
): Promise<DownloadedFile> {
  const hash = createHash('sha256')
  const expected = sizeOf(response)
  const reader = response.body?.getReader()
  const report = reporter(expected, onProgress)
  let size = 0
  try {
    for (;;) {
      signal?.throwIfAborted()
      const piece = await withPatience(reader?.read(), url)
      if (piece === undefined || piece.done) break
      hash.update(piece.value)
      await writeAll(handle, piece.value)
      size += piece.value.byteLength
      report(size)
    }
  } catch (error) {
    await reader?.cancel(error).catch(() => {})
    throw error
  }
  if (expected !== undefined && size !== expected)
    throw new Error(`it broke off after ${size} of ${expected} bytes`)
  return { fingerprint: hash.digest('hex'), size }
}

async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.byteLength; ) at += (await handle.write(bytes, at)).bytesWritten
}

async function withPatience<T>(read: Promise<T> | undefined, url: string): Promise<T | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    const why = `no byte came for ${patience / 1000} seconds`
    const error = new HyperkitError('timeout', `Cannot download ${JSON.stringify(url)}: ${why}`)
    timer = setTimeout(() => reject(error), patience)
  })
  try {
    return await Promise.race([read, late])
  } finally {
    clearTimeout(timer)
  }
}

/** What `Content-Length` says of the bytes that come; undefined where they come in another form. */
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
