import type { Position } from './position.ts'

/** Where the content of an image comes from; what is undefined was not said. Paths are absolute. */
export type Source = FileSource | RemoteSource | UrlSource | InstanceSource | ServerSource | FingerprintSource

/** An image file on this machine's disk, or the two files of a split image. */
export type FileSource =
  | { kind: 'file'; file: string; sha256: string | undefined; at: Position }
  | {
      kind: 'split'
      metadata: string
      rootfs: string
      /** Undefined: by the rootfs file. */
      type: 'container' | 'virtual-machine' | undefined
      sha256: string | undefined
      at: Position
    }

/** How a server that is no member of the manifest is spoken to. */
export type SourceProtocol = 'lxd' | 'incus' | 'simplestreams'

/** An image of a server that the manifest does not manage; named by one of `alias` and `fingerprint`. */
export interface RemoteSource {
  kind: 'remote'
  /** An address, or the name of a remote of the user's own client configuration. */
  remote: string
  /** Said for an address; by default that of the remote. */
  protocol: SourceProtocol | undefined
  alias: string | undefined
  fingerprint: string | undefined
  secret: SourceSecret | undefined
  project: string | undefined
  type: 'container' | 'virtual-machine' | undefined
  /** Path of a PEM file. */
  serverCertificate: string | undefined
  at: Position
}

/** The secret itself, or the file that holds it at the time. */
export type SourceSecret = { kind: 'text'; text: string } | { kind: 'file'; file: string }

/** A unified image file on a web server. */
export interface UrlSource {
  kind: 'url'
  url: string
  sha256: string | undefined
  /** Plain http, and content that nothing verifies, are allowed. */
  insecure: boolean
  at: Position
}

/** An image that is published from an instance or a snapshot of it. */
export interface InstanceSource {
  kind: 'instance'
  instance: string
  snapshot: string | undefined
  /** The server of the manifest that publishes it for all; undefined: each its own. */
  server: string | undefined
  compression: string | undefined
  format: 'unified' | 'split' | undefined
  at: Position
}

/** An image of another server of the manifest; named by one of `alias` and `fingerprint`. */
export interface ServerSource {
  kind: 'server'
  server: string
  alias: string | undefined
  fingerprint: string | undefined
  at: Position
}

/** What the servers have already. */
export interface FingerprintSource {
  kind: 'fingerprint'
  fingerprint: string
  at: Position
}
