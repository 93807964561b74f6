/** What a server has of what the manifest names; plain data. */
export type ObservedServer = ReadServer | UnreadServer

/** What a server has of what the manifest is about. */
export interface ReadServer {
  status: 'read'
  name: string
  /** Same for two entries of the manifest that are one server. */
  identity: string
  /** The project that keeps its images; undefined where the server does not show it. */
  imagesProject?: string | undefined
  dialect: string
  version: string | undefined
  /** By fingerprint: those wanted, and those that aliases of the manifest name. */
  images: ReadonlyMap<string, ObservedImage>
  /** By name. A name that is not in the map was looked for and is not there. */
  aliases: ReadonlyMap<string, ObservedAlias>
  /** Names that were looked for, are not there, and that the server would refuse; and why. */
  refusedNames?: ReadonlyMap<string, string>
  /** Whether the server refuses images of this project that are public. */
  refusesPublic?: boolean
  /** Names of those that images can have; undefined where nobody asked, or not all are shown. */
  profiles?: readonly string[]
  /** What this client lacks to be shown which images are in use, where somebody asked; then `inUse` is undefined. */
  usageHidden?: string
  /** Only where it was asked for. */
  versions?: ReadVersions
}

/** The images that the manifest has marked on a server, or why they could not be listed. */
export type ReadVersions =
  | {
      status: 'read'
      images: readonly ObservedVersion[]
      /** What this client lacks to be shown which of them are in use; then `inUse` is undefined for all. */
      usageHidden?: string
    }
  | { status: 'unread'; error: { code: string; message: string } }

/** An image that a manifest has marked. */
export interface ObservedVersion {
  fingerprint: string
  size: number
  uploadedAt: Date | undefined
  properties: Readonly<Record<string, string>>
  cached: boolean
  aliases: readonly { name: string; description: string }[]
  /** Whether an instance, a snapshot or a profile uses it; undefined where the server does not show that. */
  inUse: boolean | undefined
}

/** Nothing is known of it, so nothing may be done to it. */
export interface UnreadServer {
  status: 'unread'
  name: string
  error: { code: string; message: string }
}

/** An image that a server has. */
export interface ObservedImage {
  fingerprint: string
  size: number
  public: boolean
  properties: Readonly<Record<string, string>>
  expiresAt: Date | undefined
  autoUpdate: boolean
  profiles: readonly string[]
  /** Names of all aliases that point at it. */
  aliases: readonly string[]
  /** Descriptions of these aliases, by name. */
  descriptions?: Readonly<Record<string, string>>
  /** Kept by the server for its own instances, by nobody's wish. */
  cached?: boolean
  etag: string | undefined
  /** Whether an instance, a snapshot or a profile uses it; undefined where nobody asked, or the server does not show it. */
  inUse: boolean | undefined
}

/** An alias that a server has. */
export interface ObservedAlias {
  name: string
  description: string
  target: string
  etag: string | undefined
}
