import type { ObservedVersion } from '../observed/observed.ts'
import { readCreationMark } from '../ownership/creation-mark.ts'
import { readNames } from '../ownership/owner-property.ts'
import { findOwner } from './find-owner.ts'

/** An image that the manifest owns, with the names of the manifest's images that it is or was a version of. */
export interface Version extends ObservedVersion {
  names: string[]
}

/** The images that belong to a manifest, newest first. */
export function listVersions(images: readonly ObservedVersion[], owner: string): Version[] {
  return images
    .filter((image) => {
      const descriptions = image.aliases.map(({ description }) => description)
      return findOwner(image, descriptions) === owner
    })
    .map((image) => ({ ...image, names: namesOf(image) }))
    .sort(
      (a, b) =>
        (b.uploadedAt?.getTime() ?? 0) - (a.uploadedAt?.getTime() ?? 0) ||
        (a.fingerprint < b.fingerprint ? -1 : 1),
    )
}

function namesOf(image: ObservedVersion): string[] {
  const names = readNames(image.properties)
  return names.length > 0 ? names : (readCreationMark(image)?.names ?? [])
}
