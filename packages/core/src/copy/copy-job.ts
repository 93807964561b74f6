import type { Client } from '../client.ts'
import type { CopyImageOptions } from './copy-options.ts'
import type { CopySource, SourceImage } from './copy-source.ts'

/** One copy on its way. */
export interface CopyJob {
  from: CopySource
  target: Client<boolean>
  image: SourceImage
  /** Milliseconds for which one server may try to reach the other. */
  patience: number
  /** Whether the copy is to be public. */
  public: boolean
  options: CopyImageOptions
}
