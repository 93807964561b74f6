import type { ImageType } from '../model/image.ts'

/** One file of an image. */
export interface StreamFile {
  name: 'unified' | 'metadata' | 'rootfs'
  /** Below the address of the stream. */
  path: string
  /** 64 hex. */
  sha256: string
  /** Bytes; 0 where the stream does not say. */
  size: number
}

/** An image as a simplestreams server tells of it: one version of one product. */
export interface StreamImage {
  /** SHA-256 of the file, or of metadata then rootfs: what servers call the image. */
  fingerprint: string
  type: ImageType
  /** The kernel's name, `x86_64`. */
  architecture: string
  /** Version of the product, which sorts as text: `20231114_22:13`. */
  serial: string
  /** Names that mean this image for its architecture and type: `alpine/edge`, `alpine/edge/amd64`. Older versions have none. */
  aliases: string[]
  /** As servers give them to an image that they download. */
  properties: Record<string, string>
  /** Bytes of all files. */
  size: number
  filename: string
  createdAt: Date
  /** When its support ends; undefined where the stream does not say. */
  expiresAt: Date | undefined
  /** The kinds of servers that download it; either kind takes it as an upload. */
  readBy: ('lxd' | 'incus')[]
  /** One, or metadata and rootfs. */
  files: StreamFile[]
}
