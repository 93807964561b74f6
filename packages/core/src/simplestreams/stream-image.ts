import type { ImageType } from '../model/image.ts'

/** One file of an image. */
export interface StreamFile {
  name: 'unified' | 'metadata' | 'rootfs'
  /** The path below the address of the stream. */
  path: string
  /** 64 hex. */
  sha256: string
  /** Bytes; 0 if the stream does not say. */
  size: number
}

/** An image as a simplestreams server lists it: one version of one product. */
export interface StreamImage {
  /** SHA-256 of the file, or of metadata then rootfs. */
  fingerprint: string
  type: ImageType
  /** The kernel's name, `x86_64`. */
  architecture: string
  /** The version of the product, which sorts as text: `20231114_22:13`. */
  serial: string
  /** Names that stand for this image with its architecture and type: `alpine/edge`, `alpine/edge/amd64`. Older versions have none. */
  aliases: string[]
  /** The properties that servers give to the image when they download it. */
  properties: Record<string, string>
  /** Bytes of all files. */
  size: number
  filename: string
  createdAt: Date
  /** When its support ends; undefined if the stream does not say. */
  expiresAt: Date | undefined
  /** The kinds of servers that download it; either kind accepts it as an upload. */
  readBy: ('lxd' | 'incus')[]
  /** One file, or metadata and rootfs. */
  files: StreamFile[]
}
