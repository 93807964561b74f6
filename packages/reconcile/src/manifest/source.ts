import type { Position } from './position.ts'

/** Where the content of an image comes from. Undefined: the manifest does not set it. Paths are absolute. */
export type Source = FileSource | RemoteSource | UrlSource | InstanceSource | ServerSource | FingerprintSource

/** An image file on this machine, or the two files of a split image. */
export type FileSource =
  | { kind: 'file'; file: string; sha256: string | undefined; at: Position }
  | {
      kind: 'split'
      metadata: string
      rootfs: string
      /** Undefined: recognized from the rootfs file. */
      type: 'container' | 'virtual-machine' | undefined
      sha256: string | undefined
      at: Position
    }

/** The protocol of a server that the manifest does not declare. */
export type SourceProtocol = 'lxd' | 'incus' | 'simplestreams' | 'oci'

/** An image on a server that the manifest does not manage, identified by either `alias` or `fingerprint`. */
export interface RemoteSource {
  kind: 'remote'
  /** An address, or the name of a remote in the user's client configuration. */
  remote: string
  /** Always set for an address; undefined: the protocol of the remote. */
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

/** The secret itself, or a file that is read whenever the secret is needed. */
export type SourceSecret = { kind: 'text'; text: string } | { kind: 'file'; file: string }

/** A unified image file on a web server. */
export interface UrlSource {
  kind: 'url'
  url: string
  sha256: string | undefined
  /** Whether plain http, and content that nothing verifies, are allowed. */
  insecure: boolean
  at: Position
}

/** An image that is published from an instance or a snapshot of it. */
export interface InstanceSource {
  kind: 'instance'
  instance: string
  snapshot: string | undefined
  /** The server that publishes the image for all; undefined: each server publishes its own. */
  server: string | undefined
  compression: string | undefined
  format: 'unified' | 'split' | undefined
  at: Position
}

/** An image on another server of the manifest, identified by either `alias` or `fingerprint`. */
export interface ServerSource {
  kind: 'server'
  server: string
  alias: string | undefined
  fingerprint: string | undefined
  at: Position
}

/** An image that the servers already have. */
export interface FingerprintSource {
  kind: 'fingerprint'
  fingerprint: string
  at: Position
}
