import type { ManifestAlias, PropertiesMode } from '../manifest/manifest.ts'
import type { Policy } from '../manifest/policy.ts'
import type { Origin } from '../sources/content.ts'

/** What the servers should have according to the manifest, with the content of all sources known. */
export interface Desired {
  manifest: { file: string; name: string }
  /** In the order of the manifest, without servers that get no image. */
  servers: DesiredServer[]
  /** Undefined: nothing is pruned. */
  prune?: { maxDelete: number } | undefined
  /** Undefined: nothing is forbidden. */
  policy?: Policy | undefined
}

/** What one server should have. */
export interface DesiredServer {
  name: string
  /** One entry for each fingerprint: images of the manifest with the same content are one image on a server. */
  images: DesiredImage[]
  absent: AbsentName[]
  /** Images whose source could not be read; nothing is planned for them. */
  unresolved?: UnresolvedImage[]
  /** The rules of all images of the manifest on this server. */
  retention?: RetentionRule[]
}

/** Which versions of an image are kept for a rollback; without `keep` and `keepDays`, all. */
export interface RetentionRule {
  /** The manifest's name for the image. */
  name: string
  /** The version that the manifest wants under this name. */
  fingerprint: string
  /** How many versions are kept, including the wanted one. */
  keep?: number | undefined
  /** For how many days a version is kept after it was replaced. */
  keepDays?: number | undefined
}

/** An image that a server should have, with its content known. */
export interface DesiredImage {
  /** The names of the image in the manifest. */
  names: string[]
  /** 64 hex characters, or the placeholder until the image is made: `fingerprintToCome`. */
  fingerprint: string
  /** Bytes of all files; `null` if unknown. */
  size: number | null
  /** The version of a simplestreams product, if the source reports one; of an image of a registry, its digest. */
  serial?: string | undefined
  /** Whether it comes from a registry, also by way of a server. */
  ofRegistry?: boolean | undefined
  origin: Origin
  aliases: ManifestAlias[]
  /** Undefined here or below: the server's value is left alone. */
  public: boolean | undefined
  /** An empty value removes the property. */
  properties: Readonly<Record<string, string>>
  /** `exact`: properties that are not listed are removed, except those that mark the owner. @default merge */
  propertiesMode?: PropertiesMode | undefined
  /** `null` for never. */
  expiresAt: Date | null | undefined
  autoUpdate?: boolean | undefined
  /** Sorted. */
  profiles?: readonly string[] | undefined
  /** The file name of a new image; servers never change it later. */
  filename?: string | undefined
}

/** An image whose source could not be read, and why. */
export interface UnresolvedImage {
  /** The manifest's name for the image. */
  name: string
  /** The message begins with the position in the manifest. */
  error: { code: string; message: string }
}

/** A name that a server should not have (`state: absent`). */
export interface AbsentName {
  name: string
  aliases: string[]
}
