import { isDigest } from '@hyperkit/core/parts'
import type { LockedContent, LockedImage, Lockfile, ServersContent } from '../../documents/lock-file.ts'
import type { Position } from '../../manifest/manifest.ts'

/** A lock file as it was read, with positions for errors. */
export interface ReadLockfile extends Lockfile {
  /** The name that errors use. */
  file: string
  /** Positions by the names of images. */
  places: ReadonlyMap<string, Position>
}

/** What the source of an image holds now. */
export interface SourceContent extends Omit<LockedImage, 'lockedAt'> {
  /** All servers that the source was read for, including those in `elsewhere`. */
  servers: readonly string[]
  /** The position of the source in the manifest. */
  at: Position
}

/** The content of an image on a server. */
export function contentFor(
  { elsewhere = [], ...everywhere }: LockedContent & { elsewhere?: ServersContent[] | undefined },
  server: string,
): LockedContent {
  return elsewhere.find(({ servers }) => servers.includes(server)) ?? everywhere
}

/**
 * Whether a source holds what was locked. The image of a registry is named by its digest too, since a change of its configuration alone
 * does not change the fingerprint.
 */
export function isLockedContent(now: LockedContent, { fingerprint, serial = '' }: LockedContent): boolean {
  return now.fingerprint === fingerprint && (!isDigest(serial) || now.serial === serial)
}
