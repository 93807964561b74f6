import type { Client } from '../client.ts'
import type { RemoteProtocol } from '../images/create-from-remote.ts'
import type { UploadSource } from '../images/upload-source.ts'
import type { ImageAlias, ImageType } from '../model/image.ts'
import type { ServerInfo } from '../model/server-info.ts'

/** An image as its source tells of it: what a copy is to keep. */
export interface SourceImage {
  /** All 64 characters. */
  fingerprint: string
  /** The alias that was asked for, where it was one. */
  alias: string | undefined
  type: ImageType
  /** What the copy is, unless said otherwise. */
  public: boolean
  /** Whether a stranger may download it. */
  readable: boolean
  /** With which a stranger may download it all the same. */
  secret?: string | undefined
  properties: Record<string, string>
  expiresAt: Date | undefined
  filename: string
  aliases: ImageAlias[]
  /** Bytes. */
  size: number
}

/** How another server can download from a source. */
export interface Offer {
  /** The most promising first. */
  urls: string[]
  protocol: RemoteProtocol
  /** PEM of the source's own certificate. */
  certificate?: string | undefined
  /** The project there. */
  sourceProject?: string | undefined
}

/** The image's bytes on their way through this process. */
export interface OpenedImage {
  source: UploadSource
  /** Why the source's side broke off, where it did. */
  failure(): Error | undefined
  /** Ends what is still under way. */
  close(): void
}

/** Where copies come from. */
export interface CopySource {
  /** How errors call it. */
  name: string
  /** Of a server: who can push. */
  client?: Client<boolean>
  find(reference: string, wanted: FindOptions): Promise<SourceImage>
  offer(image: SourceImage, target: ServerInfo, signal: AbortSignal | undefined): Promise<Offer>
  open(image: SourceImage, signal: AbortSignal | undefined): Promise<OpenedImage>
}

export interface FindOptions {
  signal: AbortSignal | undefined
  imageType: ImageType | undefined
  secret: string | undefined
  /** The server that shall have the image. */
  target: ServerInfo
}
