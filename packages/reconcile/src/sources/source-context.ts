import type { Client } from '@hyperkit/core'
import type { ImageFiles } from '../documents/plan.ts'
import type { OpenOptions } from './wrap-transport.ts'

/** The content behind files; `fingerprintOf` of @hyperkit/files. */
export type Fingerprinter = (
  files: ImageFiles,
  signal?: AbortSignal,
) => Promise<{ fingerprint: string; size: number }>

/** What reading sources takes. */
export interface SourceContext extends OpenOptions {
  signal?: AbortSignal | undefined
  fingerprint: Fingerprinter
  /** A client for a server of the manifest: some sources are on them. */
  open?: ((server: string) => Promise<Client>) | undefined
  /** Images to publish anew, although they were published before. */
  republish?: readonly string[] | undefined
  /** Images that the run is about; empty: all. What others are to be is not made in it. */
  targets?: readonly string[] | undefined
}
