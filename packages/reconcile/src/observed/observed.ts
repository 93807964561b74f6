/** What a server has of the images and aliases in a manifest, as plain data. */
export type ObservedServer = ReadServer | UnreadServer

/** A server that could be read. */
export interface ReadServer {
  status: 'read'
  name: string
  /** Equal for two entries of the manifest that are surely the same server. */
  identity: string
  /** The certificate or the socket by which it was recognized; undefined if neither was seen. */
  mark?: string | undefined
  /** What it says of itself, which is believed where that spares something. */
  claim?: string | undefined
  /** The project that holds its images; undefined if the server does not show it. */
  imagesProject?: string | undefined
  dialect: string
  version: string | undefined
  /** By fingerprint: the images that the manifest wants, and those that its aliases point at. */
  images: ReadonlyMap<string, ObservedImage>
  /** By name. The server does not have a name that is missing here. */
  aliases: ReadonlyMap<string, ObservedAlias>
  /** Missing names that the server would refuse, and why. */
  refusedNames?: ReadonlyMap<string, string>
  /** Whether the server refuses public images in this project. */
  refusesPublic?: boolean
  /** Names of the profiles that images can have; undefined if they were not read, or not all of them are shown. */
  profiles?: readonly string[]
  /** What this client lacks to see which images are in use; then `inUse` is undefined. */
  usageHidden?: string
  /** Set only if it was requested. */
  versions?: ReadVersions
}

/** The images that manifests have marked on a server, or why they could not be listed. */
export type ReadVersions =
  | {
      status: 'read'
      images: readonly ObservedVersion[]
      /** What this client lacks to see which of them are in use; then `inUse` is undefined for all. */
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
  /** Whether an instance, a snapshot or a profile uses the image; undefined if the server does not show that. */
  inUse: boolean | undefined
}

/** A server that could not be read, so it must not be changed. */
export interface UnreadServer {
  status: 'unread'
  name: string
  /** The certificate that is pinned or was seen, or the socket; undefined for neither. */
  mark?: string | undefined
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
  /** The name in a registry from which the server updates it; a digest always names the same image. */
  registryName?: string
  profiles: readonly string[]
  /** Names of all aliases that point at it. */
  aliases: readonly string[]
  /** Descriptions of these aliases, by name. */
  descriptions?: Readonly<Record<string, string>>
  /** Whether the server keeps the image only as a cache for its instances. */
  cached?: boolean
  etag: string | undefined
  /** Whether an instance, a snapshot or a profile uses the image; undefined if that was not read, or the server does not show it. */
  inUse: boolean | undefined
}

/** An alias that a server has. */
export interface ObservedAlias {
  name: string
  description: string
  target: string
  etag: string | undefined
}
