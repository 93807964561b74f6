import type { ObservedVersion } from '../observed/observed.ts'
import { listVersions } from './list-versions.ts'

/** Which versions of its images a manifest has where; itself the document that `history --json` prints. */
export interface History {
  format: 'hyperkit-history'
  version: 1
  manifest: { file: string; name: string }
  servers: ServerHistory[]
}

/** Which versions of the manifest's images one server has. */
export interface ServerHistory {
  name: string
  /** Nothing is known of the server then. */
  error?: { code: string; message: string }
  /** What the client lacks to be shown which versions are in use; then `inUse` is `null` for all. */
  usageHidden?: string
  images: ImageHistory[]
}

/** The versions of one image on one server. */
export interface ImageHistory {
  /** The manifest's name. */
  name: string
  /** The newest upload first. */
  versions: {
    fingerprint: string
    bytes: number
    /** RFC 3339, by the server's clock. */
    uploadedAt: string | null
    /** All that name it. */
    aliases: string[]
    /** Whether an instance, a snapshot or a profile uses it; `null` where the server does not show that. */
    inUse: boolean | null
  }[]
}

/** The versions of each name, by name. */
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
