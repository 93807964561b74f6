/** A manifest that says what servers have; keys and texts as they are to be written. */
export interface Exported {
  name: string
  servers: ExportedServer[]
  defaults: Readonly<Record<string, unknown>> | undefined
  /** By name. */
  images: ExportedImage[]
  /** What no manifest can say, for a comment and for who asked. */
  leftOut: LeftOut[]
}

/** An entry under `servers` of an exported manifest. */
export interface ExportedServer {
  name: string
  /** `incus 6.0.4` */
  kind: string
  /** What stands under the server's name. */
  entry: Readonly<Record<string, unknown>>
}

/** An entry under `images` of an exported manifest. */
export interface ExportedImage {
  name: string
  fingerprint: string
  /** Lines above the entry. */
  comments: string[]
  entry: Readonly<Record<string, unknown>>
}

/** What a manifest cannot say of a server, and why. */
export interface LeftOut {
  server: string
  /** `image 1457…`, or a part of it. */
  what: string
  why: string
}

/** Where an image was saved, as the manifest names it. */
export type ExportedFiles = { file: string } | { metadata: string; rootfs: string }
