import type { ImageHistory } from '../documents/history.ts'
import type { ObservedVersion } from '../observed/observed.ts'
import { listVersions } from './list-versions.ts'

/** The versions of each image, sorted by the image's name. */
export function arrangeHistory(images: readonly ObservedVersion[], owner: string): ImageHistory[] {
  const versions = listVersions(images, owner)
  const names = [...new Set(versions.flatMap((version) => version.names))].sort()
  return names.map((name) => ({
    name,
    versions: versions
      .filter((version) => version.names.includes(name))
      .map(({ fingerprint, size, uploadedAt, aliases, inUse }) => ({
        fingerprint,
        bytes: size,
        uploadedAt: uploadedAt?.toISOString() ?? null,
        aliases: aliases.map((alias) => alias.name).sort(),
        inUse: inUse ?? null,
      })),
  }))
}
