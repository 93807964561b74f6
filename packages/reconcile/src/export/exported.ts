/** A manifest of what servers have, with keys and values as they will be written. */
export interface Exported {
  name: string
  servers: ExportedServer[]
  defaults: Readonly<Record<string, unknown>> | undefined
  /** Sorted by name. */
  images: ExportedImage[]
  /** What a manifest cannot express, for a comment and for the caller. */
  leftOut: LeftOut[]
}

/** An entry under `servers` of an exported manifest. */
export interface ExportedServer {
  name: string
  /** `incus 6.0.4` */
  kind: string
  /** The value of the entry. */
  entry: Readonly<Record<string, unknown>>
}

/** An entry under `images` of an exported manifest. */
export interface ExportedImage {
  name: string
  fingerprint: string
  /** Comment lines above the entry. */
  comments: string[]
  entry: Readonly<Record<string, unknown>>
}

/** What a server has that a manifest cannot express, and why. */
export interface LeftOut {
  server: string
  /** `image 1457…`, or an alias or property of it. */
  what: string
  why: string
}

/** The files of a saved image, as the manifest names them. */
export type ExportedFiles = { file: string } | { metadata: string; rootfs: string }
