import type { Client } from '../client.ts'
import type { RemoteProtocol } from '../images/create-from-remote.ts'
import type { UploadSource } from '../images/upload-source.ts'
import type { ImageAlias, ImageType } from '../model/image.ts'
import type { ServerInfo } from '../model/server-info.ts'

/** An image as its source reports it, with everything that a copy keeps. */
export interface SourceImage {
  /** All 64 characters. */
  fingerprint: string
  /** The alias that was asked for, if it was one. */
  alias: string | undefined
  type: ImageType
  /** Whether the copy is public, unless an option says otherwise. */
  public: boolean
  /** Whether a client without trust may download it. */
  readable: boolean
  /** Lets a client without trust download it even if it is private. */
  secret?: string | undefined
  /** Undefined: the server that downloads the image gives it properties of its own, which the copy keeps. */
  properties: Record<string, string> | undefined
  /** The name by which a server downloads exactly this image from a registry: `library/alpine@sha256:…`. */
  pinned?: string | undefined
  expiresAt: Date | undefined
  filename: string
  aliases: ImageAlias[]
  /** Bytes. */
  size: number
}

/** Where and how another server can download from a source. */
export interface Offer {
  /** The most promising first. */
  urls: string[]
  protocol: RemoteProtocol
  /** PEM of the source's own certificate. */
  certificate?: string | undefined
  /** The project there. */
  sourceProject?: string | undefined
}

/** The image's bytes, read by this process. */
export interface OpenedImage {
  source: UploadSource
  /** Why reading from the source failed, if it did. */
  failure(): Error | undefined
  /** Ends the transfer if it is still under way. */
  close(): void
}

/** The source of a copy. */
export interface CopySource {
  /** The name in errors. */
  name: string
  /** The client of a server, which can push; a simplestreams server or registry has none. */
  client?: Client<boolean>
  find(reference: string, wanted: FindOptions): Promise<SourceImage>
  offer(image: SourceImage, target: ServerInfo, signal: AbortSignal | undefined): Promise<Offer>
  /** Why an image cannot be pushed or sent through this process, if that is so: `its …`. */
  pullsOnly?(image: SourceImage): string | undefined
  open(image: SourceImage, signal: AbortSignal | undefined): Promise<OpenedImage>
}

export interface FindOptions {
  signal: AbortSignal | undefined
  imageType: ImageType | undefined
  secret: string | undefined
  /** The server that gets the image. */
  target: ServerInfo
  /** Its name, for errors. */
  to: string
}
