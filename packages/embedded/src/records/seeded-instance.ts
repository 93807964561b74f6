import type { ImageType } from './records.ts'

/** A file of an instance's rootfs: text or bytes, 0644; a path with a trailing slash is a directory. */
export type SeededFiles = Readonly<Record<string, string | Uint8Array>>

/** A snapshot of a seeded instance, so that it can be published. */
export interface SeededSnapshot {
  name: string
  /** @default the files of the instance */
  files?: SeededFiles
  /** RFC 3339. @default '2024-01-01T00:00:00Z' */
  createdAt?: string
  /** Fingerprint of the image that the instance was made from at that time. @default the instance's */
  baseImage?: string
}

/** An instance that exists from the start, so that it can be published. */
export interface SeededInstance {
  name: string
  /** @default 'default' */
  project?: string
  /** The member that has it, if the server is a cluster. @default the first one */
  location?: string
  /** @default 'container' */
  type?: ImageType
  /** @default 'x86_64' */
  architecture?: string
  /** Properties of the image that it was made from. */
  properties?: Readonly<Record<string, string>>
  /** Fingerprint of the image that it was made from: `volatile.base_image`. */
  baseImage?: string
  /** RFC 3339: the expiry in its metadata.yaml, which is that of the image that it was made from. @default none */
  expiresAt?: string
  snapshots?: readonly (string | SeededSnapshot)[]
  /** Whether it is running until it is stopped; a running instance cannot be published. @default false */
  running?: boolean
  /** Whether it is deleted when it is stopped. @default false */
  ephemeral?: boolean
  /** By path inside of the rootfs, without a leading slash. @default one script, `bin/hello` */
  files?: SeededFiles
}
