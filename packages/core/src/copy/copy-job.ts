import type { Client } from '../client.ts'
import type { CopyImageOptions } from './copy-options.ts'
import type { CopySource, SourceImage } from './copy-source.ts'
import type { KeptAttributes } from './kept-attributes.ts'

/** A copy under way. */
export interface CopyJob {
  from: CopySource
  target: Client<boolean>
  image: SourceImage
  /** Milliseconds in which one server must reach the other. */
  patience: number
  /** The attributes that the copy gets. */
  attributes: KeptAttributes
  options: CopyImageOptions
}
