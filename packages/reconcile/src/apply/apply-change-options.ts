import type { Client, Progress } from '@hyperkit/core'
import type { Origin } from '../sources/content.ts'
import type { OpenOptions } from '../sources/wrap-transport.ts'
import type { UsageCheck } from './check-usage.ts'
import type { Downloads } from './create-downloads.ts'
import type { SharedUploads } from './share-uploads.ts'

/** How a single change is done. */
export interface ApplyChangeOptions extends OpenOptions {
  signal: AbortSignal
  onProgress?: (progress: Progress) => void
  /** Told while a server waits for something that does not come. */
  onWaiting?: ((message: string) => void) | undefined
  /** Told of what goes wrong although the image is there. */
  onWarning?: ((message: string) => void) | undefined
}

/** How an image is brought to a server, or deleted there. */
export interface CreationOptions extends ApplyChangeOptions {
  /** Where its content comes from, with all that it takes to get it there. */
  origin: Origin | undefined
  /** A client for another server of the manifest. */
  open(server: string): Promise<Client>
  downloads: Downloads
  uploads: SharedUploads
  checkUsage: UsageCheck
}
