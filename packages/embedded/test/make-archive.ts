import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { packTar } from 'modern-tar'

const compress = promisify(gzip)

export interface ArchiveOptions {
  /** `undefined` means none. @default a complete one */
  metadata?: string | undefined
  /** Files besides metadata.yaml. @default a script in rootfs/ */
  files?: Record<string, string | Uint8Array>
  /** @default true */
  gzip?: boolean
}

export const completeMetadata =
  'architecture: amd64\ncreation_date: 1700000000\nproperties:\n  os: Tiny\n  release: r1\n'

/** A unified image, or any archive if other files are given. */
export async function makeArchive(options: ArchiveOptions = {}): Promise<Buffer<ArrayBuffer>> {
  const { metadata = completeMetadata, files = { 'rootfs/bin/hello': '#!/bin/sh\necho hello\n' } } = options
  const all =
    'metadata' in options && options.metadata === undefined ? files : { 'metadata.yaml': metadata, ...files }
  const entries = Object.entries(all).map(([name, content]) => {
    const body = Buffer.from(content)
    // A fixed time, so that the bytes are always the same.
    const mtime = new Date(1_700_000_000_000)
    return { header: { name, size: body.byteLength, type: 'file' as const, mtime }, body }
  })
  const tar = Buffer.from(await packTar(entries))
  return options.gzip === false ? tar : Buffer.from(await compress(tar))
}
