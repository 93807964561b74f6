import { countBytes } from '../bytes/count-bytes.ts'
import { writeMultipart } from '../bytes/write-multipart.ts'
import { ArgumentError } from '../errors/errors.ts'
import type { ImageType } from '../model/image.ts'

/** Bytes that can be read from the beginning, more than once if needed. */
export interface UploadFile {
  /** Opens the bytes from the first on. Called once for each attempt, and not at all if the server has the image. */
  open(): ReadableStream<Uint8Array> | Promise<ReadableStream<Uint8Array>>
  /** Bytes. If given, it is sent, and a stream of another size is an error. */
  size?: number | undefined
  filename?: string | undefined
}

/** One file with metadata and rootfs. */
export interface UnifiedSource extends UploadFile {
  kind: 'unified'
}

/** Two files. */
export interface SplitSource {
  kind: 'split'
  metadata: UploadFile
  rootfs: UploadFile
  /** Decides the name of the second part. @default 'container' */
  type?: ImageType | undefined
  /** Bytes of both files, for progress, if the size of each is unknown. */
  totalSize?: number | undefined
}

/**
 * Where the bytes of an upload come from: one file, or metadata and rootfs.
 *
 * @example
 * ```ts
 * import { readFile } from 'node:fs/promises'
 * import { connect } from '@hyperkit/connect'
 *
 * const client = await connect()
 * const file = new Blob([await readFile('./noble.tar.xz')])
 * await client.images.upload({ kind: 'unified', open: () => file.stream(), size: file.size, filename: 'noble.tar.xz' })
 * ```
 */
export type UploadSource = UnifiedSource | SplitSource

/** The name of a source in errors. */
export function sourceName(source: UploadSource): string {
  const file = source.kind === 'split' ? source.rootfs : source
  return file.filename ? `image ${JSON.stringify(file.filename)}` : 'the image'
}

export function sourceSize(source: UploadSource): number | undefined {
  if (source.kind === 'unified') return source.size
  const { metadata, rootfs } = source
  return metadata.size === undefined || rootfs.size === undefined
    ? source.totalSize
    : metadata.size + rootfs.size
}

export interface UploadBody {
  body: ReadableStream<Uint8Array>
  headers: Record<string, string>
}

/** The body of one attempt. With `Content-Type: application/json`, servers would read it as a request. */
export async function openBody(
  source: UploadSource,
  onBytes: ((count: number) => void) | undefined,
): Promise<UploadBody> {
  const what = sourceName(source)
  const counted = async (file: UploadFile): Promise<ReadableStream<Uint8Array>> =>
    countBytes(await file.open(), { size: file.size, onBytes, what })
  if (source.kind === 'unified') {
    return {
      body: await counted(source),
      headers: { 'content-type': 'application/octet-stream', ...lengthHeader(source.size) },
    }
  }
  const part = (name: string, file: UploadFile): Parameters<typeof writeMultipart>[0][number] => ({
    name,
    filename: file.filename ?? name,
    size: file.size,
    open: () => counted(file),
  })
  const { body, contentType, length } = writeMultipart([
    part('metadata', source.metadata),
    part(source.type === 'virtual-machine' ? 'rootfs.img' : 'rootfs', source.rootfs),
  ])
  return { body, headers: { 'content-type': contentType, ...lengthHeader(length) } }
}

/** @throws {ArgumentError} */
export function checkSource(source: UploadSource): void {
  const files =
    source?.kind === 'unified' ? [source] : source?.kind === 'split' ? [source.metadata, source.rootfs] : []
  if (files.length === 0)
    throw new ArgumentError('source', 'Cannot upload: the source must be of kind "unified" or "split"')
  for (const file of files) {
    if (typeof file?.open !== 'function')
      throw new ArgumentError('source', 'Cannot upload: the source has no open()')
    if (file.size !== undefined && (!Number.isSafeInteger(file.size) || file.size < 0)) {
      throw new ArgumentError(
        'source',
        `Cannot upload: a size must be a whole number of bytes, got ${String(file.size)}`,
      )
    }
    if (file.size === 0) throw new ArgumentError('source', `Cannot upload ${sourceName(source)}: it is empty`)
  }
}

function lengthHeader(length: number | undefined): Record<string, string> {
  return length === undefined ? {} : { 'content-length': String(length) }
}
