import type { Position } from '../manifest/manifest.ts'

/** What the sources of a manifest's images held when `update` looked: the content that everybody agrees on. */
export interface Lockfile {
  /** By name. */
  images: LockedImage[]
}

export interface LockedImage {
  /** Name in the manifest. */
  name: string
  fingerprint: string
  /** Bytes, of all files; undefined where nobody told. */
  size?: number | undefined
  source: LockedSource
  /** Version of a simplestreams product. */
  serial?: string | undefined
  /** When `update` first saw this content; RFC 3339. */
  lockedAt: string
}

/** Where the content came from, for people and to see that the manifest names another source now. No secret is in it. */
export interface LockedSource {
  /** `file`, `split`, `remote`, … as the manifest has them. */
  kind: string
  from: string
}

/** A lock file as it was read, with the places for errors. */
export interface ReadLockfile extends Lockfile {
  /** As errors name it. */
  file: string
  /** By the image's name. */
  places: ReadonlyMap<string, Position>
}

/** What the source of an image holds now. */
export interface SourceContent {
  name: string
  fingerprint: string
  size: number | undefined
  source: LockedSource
  serial?: string | undefined
  /** Of the source in the manifest. */
  at: Position
}
