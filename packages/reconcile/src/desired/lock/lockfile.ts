import type { LockedContent, LockedImage, Lockfile, ServersContent } from '../../documents/lock-file.ts'
import type { Position } from '../../manifest/manifest.ts'

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
