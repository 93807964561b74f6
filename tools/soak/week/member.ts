import type { ImageServer } from '@hyperkit/embedded'
import type { Feed } from './create-feed.ts'
import type { ServerFault } from './server-fault.ts'

/** A server of the fleet, in this process. */
export interface Member {
  name: string
  /** Its address, which no socket listens on. */
  origin: string
  server: ImageServer
  fault: ServerFault
  /** Milliseconds by which its clock is wrong. */
  skew: number
  feed: Feed
  /** The aliases of the manifest, and where they pointed when they were looked at last. */
  aliases: Map<string, string>
}
