import type { Client } from '../client.ts'
import type { CopyImageOptions } from './copy-options.ts'
import type { CopySource, SourceImage } from './copy-source.ts'
import type { KeptAttributes } from './kept-attributes.ts'

/** One copy on its way. */
export interface CopyJob {
  from: CopySource
  target: Client<boolean>
  image: SourceImage
  /** Milliseconds for which one server may try to reach the other. */
  patience: number
  /** What the copy is to have. */
  attributes: KeptAttributes
  options: CopyImageOptions
}
