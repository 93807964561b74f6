import type { ManifestAlias, PropertiesMode } from '../manifest/manifest.ts'
import type { Origin } from '../sources/content.ts'

/** What the manifest wants, with the content of its sources known. */
export interface Desired {
  manifest: { file: string; name: string }
  /** In the manifest's order; servers that no image names are left out. */
  servers: DesiredServer[]
  /** Undefined: nothing is pruned. */
  prune?: { maxDelete: number } | undefined
}

/** What one server shall have. */
export interface DesiredServer {
  name: string
  /** One entry a fingerprint: images of the manifest with the same content are one image on a server. */
  images: DesiredImage[]
  absent: AbsentName[]
  /** Images whose source could not be read: nothing is done about them. */
  unresolved?: UnresolvedImage[]
  /** Of every image of the manifest on this server. */
  retention?: RetentionRule[]
}

/** How many versions of an image stay for rollback; neither number: all. */
export interface RetentionRule {
  /** The manifest's name for the image. */
  name: string
  /** What the manifest wants under this name. */
  fingerprint: string
  /** This one and the `keep - 1` before it. */
  keep?: number | undefined
  /** A version stays so many days after it was replaced. */
  keepDays?: number | undefined
}

/** An image that a server shall have, with its content known. */
export interface DesiredImage {
  /** The manifest's names for it. */
  names: string[]
  /** 64 hex, or what stands for it until the image is made: `fingerprintToCome`. */
  fingerprint: string
  /** Bytes, of all files; `null` where nobody told. */
  size: number | null
  /** Version of a simplestreams product, where the source tells one. */
  serial?: string | undefined
  origin: Origin
  aliases: ManifestAlias[]
  /** What is undefined or not named is left as the server has it. */
  public: boolean | undefined
  /** An empty value stands for "not there". */
  properties: Readonly<Record<string, string>>
  /** `exact`: what `properties` does not name goes, but for the owners' marks. @default merge */
  propertiesMode?: PropertiesMode | undefined
  /** `null` for never. */
  expiresAt: Date | null | undefined
  autoUpdate?: boolean | undefined
  /** Sorted. */
  profiles?: readonly string[] | undefined
  /** For an image that is to come; servers do not change it. */
  filename?: string | undefined
}

/** An image whose source could not be read, and why. */
export interface UnresolvedImage {
  /** The manifest's name for the image. */
  name: string
  /** The message begins with the place in the manifest. */
  error: { code: string; message: string }
}

/** A name that a server shall not have (`state: absent`). */
export interface AbsentName {
  name: string
  aliases: string[]
}
