import type { Client, Progress } from '@hyperkit/core'
import type { KeyedMutex } from '../concurrency/keyed-mutex.ts'
import type { Origin } from '../sources/content.ts'
import type { OpenOptions } from '../sources/wrap-transport.ts'
import type { UsageCheck } from './check-usage.ts'
import type { Downloads } from './create-downloads.ts'
import type { SharedUploads } from './share-uploads.ts'
import type { Deletions } from './track-deletions.ts'

/** How a single change is made. */
export interface ApplyChangeOptions extends OpenOptions {
  signal: AbortSignal
  /** The name of the manifest, whose lock this run holds. */
  manifest: string
  onProgress?: (progress: Progress) => void
  /** Called while a server waits for data that does not arrive. */
  onWaiting?: ((message: string) => void) | undefined
  /** Called if something goes wrong but the image is on the server. */
  onWarning?: ((message: string) => void) | undefined
}

/** How an image is brought to a server, or deleted there. */
export interface CreationOptions extends ApplyChangeOptions {
  /** The source of its content, with everything that is needed to read it. */
  origin: Origin | undefined
  /** A client for another server of the manifest. */
  open(server: string): Promise<Client>
  downloads: Downloads
  /** Called with the progress of a download to this machine, which the server has no part in. */
  onFetched?: ((progress: Progress) => void) | undefined
  uploads: SharedUploads
  checkUsage: UsageCheck
  /** Bytes: the largest image that the policy allows. */
  maxSize: number | undefined
  deletions: Deletions
  /**
   * Whether neither this run nor, as far as it knows, a killed one has brought the image to the server, and the lock was not left since the plan was made:
   * then it is there only if another client has brought it since.
   */
  isNew: boolean
  /** What is equal for all entries that may be this server. */
  key: string
  /** Runs the changes of an image of a server one at a time; its keys are `key` and a fingerprint. */
  imageMutex: KeyedMutex
}
