import type { ImageFiles } from '../documents/plan.ts'
import type { SourceProtocol } from '../manifest/source.ts'

/** What a source holds now. */
export interface Content {
  /** 64 hex characters, or the placeholder until the image is made: `fingerprintToCome`. */
  fingerprint: string
  /** Bytes; `null` if unknown. */
  size: number | null
  /** The version of a simplestreams product, if the source reports one; of an image of a registry, its digest. */
  serial?: string | undefined
  /** Whether it comes from a registry, also by way of a server. Then it is no image of a whole system, and LXD accepts no such image. */
  ofRegistry?: boolean | undefined
  origin: Origin
}

/** How a server gets the content. */
export type Origin = FilesOrigin | RemoteOrigin | UrlOrigin | CopyOrigin | PublishOrigin | { kind: 'present' }

export interface FilesOrigin {
  kind: 'files'
  files: ImageFiles
}

/** Copied from a server that the manifest does not manage. */
export interface RemoteOrigin {
  kind: 'remote'
  /** The address of the server. */
  server: string
  protocol: SourceProtocol
  /** `null`: the image is identified by its fingerprint. */
  alias: string | null
  project: string | null
  type: 'container' | 'virtual-machine' | null
  /** The name by which a server downloads exactly the planned image from a registry: `library/alpine@sha256:…`. */
  pinned?: string | undefined
  access: RemoteAccess
}

/** How to reach the source; never part of a plan. */
export interface RemoteAccess {
  /** The name of the remote in the user's client configuration. */
  remote: string | undefined
  /** PEM. */
  certificate: string | undefined
  secret: string | undefined
}

/** A file on a web server, which this process downloads. */
export interface UrlOrigin {
  kind: 'url'
  /** The URL in the manifest. */
  url: string
  /** The URL of the file itself. */
  file: string
  insecure: boolean
  /** The local path, if the file had to be downloaded to identify it. */
  path?: string | undefined
}

/** Copied from another server of the manifest. */
export interface CopyOrigin {
  kind: 'copy'
  server: string
  /** How many copies within the manifest lead to this one; lower depths are made first. */
  depth: number
  /** What the image was published from, according to its own mark. */
  mark?: string | undefined
}

/** Published from an instance on the server itself. */
export interface PublishOrigin {
  kind: 'publish'
  instance: string
  snapshot: string | null
  compression: string | null
  format: 'unified' | 'split' | null
  mark: string
  /** Whether to publish it even if that was done before. */
  again: boolean
}
