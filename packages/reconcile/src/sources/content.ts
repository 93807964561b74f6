import type { ImageFiles } from '../documents/plan.ts'
import type { SourceProtocol } from '../manifest/source.ts'

/** What a source holds now. */
export interface Content {
  /** 64 hex, or a promise of it: `fingerprintToCome`. */
  fingerprint: string
  /** Bytes; `null` where nobody told. */
  size: number | null
  /** Version of a simplestreams product, where the source tells one. */
  serial?: string | undefined
  origin: Origin
}

/** How a server gets the content. */
export type Origin = FilesOrigin | RemoteOrigin | UrlOrigin | CopyOrigin | PublishOrigin | { kind: 'present' }

export interface FilesOrigin {
  kind: 'files'
  files: ImageFiles
}

/** From a server that the manifest does not manage. */
export interface RemoteOrigin {
  kind: 'remote'
  /** Its address. */
  server: string
  protocol: SourceProtocol
  /** `null`: by the fingerprint. */
  alias: string | null
  project: string | null
  type: 'container' | 'virtual-machine' | null
  access: RemoteAccess
}

/** What it takes to get it there; stands in no plan. */
export interface RemoteAccess {
  /** Name in the user's own client configuration. */
  remote: string | undefined
  /** PEM. */
  certificate: string | undefined
  secret: string | undefined
}

/** A file on a web server, which this process downloads. */
export interface UrlOrigin {
  kind: 'url'
  /** As the manifest has it. */
  url: string
  /** Where the file itself is. */
  file: string
  insecure: boolean
  /** Where it lies, if it had to be downloaded to see what it is. */
  path?: string | undefined
}

/** From another server of the manifest. */
export interface CopyOrigin {
  kind: 'copy'
  server: string
  /** How many of the manifest's own copies lead to it: what comes first is made first. */
  depth: number
  /** What the image says that it was published from. */
  mark?: string | undefined
}

/** From an instance of the server itself. */
export interface PublishOrigin {
  kind: 'publish'
  instance: string
  snapshot: string | null
  compression: string | null
  format: 'unified' | 'split' | null
  mark: string
  /** Although it was published before. */
  again: boolean
}
