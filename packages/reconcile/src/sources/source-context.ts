import type { Client } from '@hyperkit/core'
import type { ImageFiles } from '../documents/plan.ts'
import type { OpenRegistries } from './open-registries.ts'
import type { OpenOptions } from './wrap-transport.ts'

/** Computes the fingerprint of image files, such as `fingerprintOf` of @hyperkit/files. */
export type Fingerprinter = (
  files: ImageFiles,
  signal?: AbortSignal,
) => Promise<{ fingerprint: string; size: number }>

/** What is needed to read sources. */
export interface SourceContext extends OpenOptions {
  signal?: AbortSignal | undefined
  fingerprint: Fingerprinter
  /** Opens a client for a server of the manifest, since some sources are on servers. */
  open?: ((server: string) => Promise<Client>) | undefined
  /** The registries of OCI images that this pass asks. @default others for each source reader */
  registries?: OpenRegistries | undefined
  /** Called with a sentence if a part of a source was left out, once for each time that the source is read. @default left out silently */
  onWarning?: ((sentence: string) => void) | undefined
  /** The most bytes that are downloaded to identify an image. @default no limit */
  maxSize?: number | undefined
  /** Images to publish again, even if they were published before. */
  republish?: readonly string[] | undefined
  /** Images that the run includes; empty: all. The run does not change the others. */
  targets?: readonly string[] | undefined
}
