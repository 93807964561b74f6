import type { Position } from '../../manifest/manifest.ts'

/** What the sources of a manifest's images held when `update` looked: the content that everybody agrees on. */
export interface Lockfile {
  /** By name. */
  images: LockedImage[]
}

/** A content of a source. */
export interface LockedContent {
  fingerprint: string
  /** Bytes, of all files; undefined where nobody told. */
  size?: number | undefined
  /** Version of a simplestreams product. */
  serial?: string | undefined
}

/** What the source of an image held when it was locked. */
export interface LockedImage extends LockedContent {
  /** Name in the manifest. */
  name: string
  source: LockedSource
  /** Servers for which the same source holds something else: of another architecture, of another kind. */
  elsewhere?: ServersContent[] | undefined
  /** When `update` first saw this content; RFC 3339. */
  lockedAt: string
}

/** What a source held for some servers, where it is not the same for all. */
export interface ServersContent extends LockedContent {
  servers: string[]
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
export interface SourceContent extends Omit<LockedImage, 'lockedAt'> {
  /** Those that it was looked at for, and those in `elsewhere` among them. */
  servers: readonly string[]
  /** Of the source in the manifest. */
  at: Position
}

/** What a server gets of an image. */
export function contentFor(
  { elsewhere = [], ...everywhere }: LockedContent & { elsewhere?: ServersContent[] | undefined },
  server: string,
): LockedContent {
  return elsewhere.find(({ servers }) => servers.includes(server)) ?? everywhere
}
