import type { Store } from '../store/store.ts'
import { openTable, type Table } from './table.ts'

export type ImageType = 'container' | 'virtual-machine'

export interface UpdateSource {
  server: string
  protocol: string
  alias: string
  certificate: string
  imageType: string
}

/** How the bytes of an image are kept; extensions begin with a dot. */
export type ImageLayout =
  | { kind: 'unified'; extension: string }
  | { kind: 'split'; extension: string; rootfsExtension: string; rootfsPart: 'rootfs' | 'rootfs.img' }

export interface ImageRecord {
  project: string
  fingerprint: string
  public: boolean
  autoUpdate: boolean
  properties: Record<string, string>
  profiles: string[]
  architecture: string
  cached: boolean
  filename: string
  /** Bytes. */
  size: number
  type: ImageType
  createdAt: string
  expiresAt: string
  lastUsedAt: string
  uploadedAt: string
  updateSource?: UpdateSource
  layout: ImageLayout
}

export interface AliasRecord {
  project: string
  name: string
  description: string
  /** Fingerprint of the image, 64 hex. */
  target: string
}

export interface ProjectRecord {
  name: string
  description: string
  config: Record<string, string>
}

export interface CertificateRecord {
  /** SHA-256 of the DER, 64 hex. */
  fingerprint: string
  name: string
  type: string
  restricted: boolean
  projects: string[]
  /** PEM; empty where only the fingerprint is known. */
  certificate: string
}

export interface Records {
  images: Table<ImageRecord>
  aliases: Table<AliasRecord>
  projects: Table<ProjectRecord>
  certificates: Table<CertificateRecord>
}

export function imageKey(project: string, fingerprint: string): string {
  return `${project}/${fingerprint}`
}

export function aliasKey(project: string, name: string): string {
  return `${project}/${name}`
}

export async function openRecords(store: Store): Promise<Records> {
  return {
    images: await openTable<ImageRecord>(store, 'images', (image) =>
      imageKey(image.project, image.fingerprint),
    ),
    aliases: await openTable<AliasRecord>(store, 'aliases', (alias) => aliasKey(alias.project, alias.name)),
    projects: await openTable<ProjectRecord>(store, 'projects', (project) => project.name),
    certificates: await openTable<CertificateRecord>(store, 'certificates', (entry) => entry.fingerprint),
  }
}

/** Names of the blobs that hold an image: the file itself, and the rootfs of a split one. */
export function blobsOf(image: ImageRecord): string[] {
  return image.layout.kind === 'split'
    ? [image.fingerprint, `${image.fingerprint}.rootfs`]
    : [image.fingerprint]
}
