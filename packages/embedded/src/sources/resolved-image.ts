import type { IncomingImage } from '../ingest/incoming-image.ts'
import type { ImageType } from '../records/records.ts'
import type { Store } from '../store/store.ts'

/** The data that a source has about an image before its bytes are downloaded. */
export interface ImageInfo {
  architecture: string
  properties: Record<string, string>
  filename: string
  type: ImageType
  createdAt: string
  expiresAt: string
}

export interface DownloadOptions {
  store: Store
  signal: AbortSignal
  /** @param text such as `rootfs: 45% (8.05MB/s)` */
  onProgress(text: string): void
}

/** An image found at a source. */
export interface ResolvedImage {
  fingerprint: string
  /** `undefined` if it must be read from the archive. */
  info: ImageInfo | undefined
  /** Whether the download cannot be cancelled. */
  cannotCancel?: true
  download(options: DownloadOptions): Promise<IncomingImage>
}
