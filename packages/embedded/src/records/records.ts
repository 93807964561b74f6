import type { Store } from '../store/store.ts'
import type { Permission } from './permission.ts'
import { openTable, type Table } from './table.ts'

export type ImageType = 'container' | 'virtual-machine'

export interface UpdateSource {
  server: string
  protocol: string
  alias: string
  certificate: string
  imageType: string
}

/** How the bytes of an image are stored; extensions begin with a dot. */
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
  /** The project's profile `default`, if a client has changed it. */
  profile?: { description: string; config: Record<string, string>; devices: Record<string, unknown> }
}

export interface CertificateRecord {
  /** SHA-256 of the DER, 64 hex. */
  fingerprint: string
  name: string
  type: string
  restricted: boolean
  projects: string[]
  /** PEM; empty if only the fingerprint is known. */
  certificate: string
}

/** A fine-grained identity (LXD 5.21 and newer). */
export interface IdentityRecord {
  /** SHA-256 of the certificate's DER; of a pending or bearer identity a UUID. */
  id: string
  method: 'tls' | 'bearer'
  /** `Client certificate`, `Client certificate (pending)`, `Client token bearer`. */
  type: string
  name: string
  groups: string[]
  /** PEM. */
  certificate?: string
  /** The secret with which a pending identity is enrolled. */
  secret?: string
  /** Signs the token of a bearer identity, hex. */
  signingKey?: string
  expiresAt?: string
}

export interface GroupRecord {
  name: string
  description: string
  permissions: Permission[]
}

export interface Records {
  images: Table<ImageRecord>
  aliases: Table<AliasRecord>
  projects: Table<ProjectRecord>
  certificates: Table<CertificateRecord>
  identities: Table<IdentityRecord>
  groups: Table<GroupRecord>
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
    identities: await openTable<IdentityRecord>(store, 'identities', (entry) => entry.id),
    groups: await openTable<GroupRecord>(store, 'groups', (group) => group.name),
  }
}

/** Names of the blobs that hold an image: the file itself, and the rootfs of a split one. */
export function blobsOf(image: ImageRecord): string[] {
  return image.layout.kind === 'split'
    ? [image.fingerprint, `${image.fingerprint}.rootfs`]
    : [image.fingerprint]
}
