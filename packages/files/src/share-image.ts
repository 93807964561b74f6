import type { Client, Image, UploadSource } from '@hyperkit/core'
import { type ImageFiles, inspectImageFiles } from './disk/image-files.ts'
import type { InspectedFile } from './disk/inspect-file.ts'
import { shareBytes } from './disk/share-bytes.ts'
import { hashFiles } from './fingerprint/fingerprint-of.ts'
import { refuseUnfit } from './metadata/check-image-files.ts'
import type { ImageMetadata } from './metadata/read-metadata-yaml.ts'
import { describeSource } from './upload/describe-source.ts'
import { firstStateOf } from './upload/first-state.ts'
import { notExpected } from './upload/not-expected.ts'
import type { UploadImageOptions } from './upload-image.ts'

/** Options of {@link shareImage}. */
export interface ShareImageOptions {
  /** The fingerprint that the image must have, 64 hex; checked before anything is sent. */
  sha256: string
  /** The number of servers that it is uploaded to. */
  servers: number
  signal?: AbortSignal | undefined
  /** A directory in which hashes and checks of unchanged files are kept between processes. @default none */
  cache?: string | undefined
}

/** An image file, or the two files of a split image, for several servers. */
export interface SharedImage {
  /**
   * Uploads it to one of the servers, unless that has the content. The attributes are set in both cases.
   *
   * @throws ArgumentError code `file-unreadable`, naming the path
   * @throws DamagedFileError if `checkImageFiles` refuses the files
   * @throws FingerprintMismatchError if the file is not the expected one
   */
  upload(client: Client, options?: Omit<UploadImageOptions, 'sha256' | 'force' | 'cache'>): Promise<Image>
}

/**
 * Uploads an image to several servers. The file is hashed once, and read once for all uploads that run at the same time. Only one
 * piece of it is in memory; the upload to a slow server reads the file by itself after a while, and one that fails or starts late
 * does not affect the others.
 *
 * @example
 * ```ts
 * const clients = [await connect('prod'), await connect('lab')]
 * const { fingerprint: sha256 } = await fingerprintOf('./noble.tar.xz')
 * const image = shareImage('./noble.tar.xz', { sha256, servers: clients.length })
 * await Promise.allSettled(clients.map((client) => image.upload(client)))
 * ```
 */
export function shareImage(files: ImageFiles, shared: ShareImageOptions): SharedImage {
  let opened: Promise<OpenedFiles> | undefined
  return {
    async upload(client, options = {}) {
      opened ??= openShared(files, shared)
      const { source, inspected, metadata } = await opened
      const firstState = await firstStateOf(inspected, options.properties ?? {}, options.signal, metadata)
      return client.images.upload(source, { ...options, firstState, fingerprint: shared.sha256, sync: true })
    },
  }
}

interface OpenedFiles {
  source: UploadSource
  inspected: readonly InspectedFile[]
  metadata: ImageMetadata
}

async function openShared(
  files: ImageFiles,
  { sha256, servers, signal, cache }: ShareImageOptions,
): Promise<OpenedFiles> {
  const inspected = await inspectImageFiles(files, 'upload')
  const type = typeof files === 'string' ? undefined : files.type
  const metadata = await refuseUnfit(inspected, { action: 'upload', type, signal, cache })
  const { fingerprint } = await hashFiles(inspected, 'upload', { signal, cache })
  if (fingerprint !== sha256) throw notExpected(inspected, sha256, fingerprint)
  const shared = new Map(
    inspected.map((file) => [file, shareBytes(file, { action: 'upload', readers: servers })]),
  )
  const source = await describeSource(files, inspected, (file) => {
    const bytes = shared.get(file)
    if (bytes === undefined) throw new Error('the file was not inspected')
    return () => bytes.open()
  })
  return { source, inspected, metadata }
}
