import type { ManifestAlias } from '../manifest/manifest.ts'

/** What the manifest wants, with the content of its sources known. */
export interface Desired {
  manifest: { file: string; name: string }
  /** In the manifest's order; servers that no image names are left out. */
  servers: DesiredServer[]
}

export interface DesiredServer {
  name: string
  /** One entry a fingerprint: images of the manifest with the same content are one image on a server. */
  images: DesiredImage[]
  absent: AbsentName[]
}

export interface DesiredImage {
  /** The manifest's names for it. */
  names: string[]
  fingerprint: string
  /** Bytes, of all files. */
  size: number
  files: ImageFiles
  aliases: ManifestAlias[]
  /** What is undefined or not named is left as the server has it. */
  public: boolean | undefined
  /** An empty value stands for "not there". */
  properties: Readonly<Record<string, string>>
  /** `null` for never. */
  expiresAt: Date | null | undefined
}

export interface AbsentName {
  name: string
  aliases: string[]
}

/** Absolute paths. */
export type ImageFiles =
  | { kind: 'unified'; file: string }
  | { kind: 'split'; metadata: string; rootfs: string; type?: 'container' | 'virtual-machine' }
