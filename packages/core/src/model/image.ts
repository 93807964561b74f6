import * as v from 'valibot'
import { fingerprintSchema } from './fingerprint-schema.ts'
import { readTime } from './server-time.ts'

/** What is made from an image: a container or a virtual machine. */
export type ImageType = 'container' | 'virtual-machine'

/** An alias in the record of its image. */
export interface ImageAlias {
  name: string
  description: string
}

/** Where a server looks for a newer version of an image. */
export interface UpdateSource {
  server: string
  protocol: string
  alias: string
  /** PEM; empty if the system trusts the server. */
  certificate: string
  imageType: string
}

/** An image as a server reports it. */
export interface Image {
  /** SHA-256 of the file, or of metadata then rootfs; 64 hex. */
  fingerprint: string
  aliases: ImageAlias[]
  properties: Record<string, string>
  public: boolean
  autoUpdate: boolean
  /** Whether the server downloaded it by itself for an instance, and removes it when it is unused. */
  cached: boolean
  /** The kernel's name: `x86_64`, even if the metadata say `amd64`. */
  architecture: string
  type: ImageType
  filename: string
  /** Bytes. */
  size: number
  profiles: string[]
  createdAt: Date | undefined
  uploadedAt: Date | undefined
  lastUsedAt: Date | undefined
  /** Undefined for never. Servers store the expiry of images that a user made, but do not act on it. */
  expiresAt: Date | undefined
  updateSource: UpdateSource | undefined
  /** Reported by Incus and newer LXD. */
  project: string | undefined
  /**
   * The members of the cluster whose disks have the image's files. Undefined if the server does not report it: a single server, LXD, and
   * Incus before 7.0.2.
   */
  locations: string[] | undefined
  /** Only of a single read. It covers `public`, `autoUpdate` and `properties`, and nothing else. */
  etag: string | undefined
}

const text = v.optional(v.nullish(v.string()))

export const imageSchema = v.looseObject({
  fingerprint: fingerprintSchema,
  aliases: v.nullish(v.array(v.looseObject({ name: v.string(), description: v.optional(v.string(), '') }))),
  properties: v.nullish(v.record(v.string(), v.string())),
  public: v.optional(v.boolean(), false),
  auto_update: v.optional(v.boolean(), false),
  cached: v.optional(v.boolean(), false),
  architecture: v.optional(v.string(), ''),
  type: v.optional(v.string(), 'container'),
  filename: v.optional(v.string(), ''),
  size: v.optional(v.number(), 0),
  profiles: v.nullish(v.array(v.string())),
  created_at: text,
  uploaded_at: text,
  last_used_at: text,
  expires_at: text,
  update_source: v.nullish(
    v.looseObject({
      server: v.optional(v.string(), ''),
      protocol: v.optional(v.string(), ''),
      alias: v.optional(v.string(), ''),
      certificate: v.optional(v.string(), ''),
      image_type: v.optional(v.string(), ''),
    }),
  ),
  project: v.optional(v.string()),
  locations: v.nullish(v.array(v.string())),
})

export type RawImage = v.InferOutput<typeof imageSchema>

export function readImage(raw: RawImage, etag?: string): Image {
  const source = raw.update_source
  return {
    fingerprint: raw.fingerprint,
    aliases: (raw.aliases ?? []).map(({ name, description }) => ({ name, description })),
    properties: raw.properties ?? {},
    public: raw.public,
    autoUpdate: raw.auto_update,
    cached: raw.cached,
    architecture: raw.architecture,
    type: raw.type === 'virtual-machine' ? 'virtual-machine' : 'container',
    filename: raw.filename,
    size: raw.size,
    profiles: raw.profiles ?? [],
    createdAt: readTime(raw.created_at),
    uploadedAt: readTime(raw.uploaded_at),
    lastUsedAt: readTime(raw.last_used_at),
    expiresAt: readTime(raw.expires_at),
    updateSource: source
      ? {
          server: source.server,
          protocol: source.protocol,
          alias: source.alias,
          certificate: source.certificate,
          imageType: source.image_type,
        }
      : undefined,
    project: raw.project,
    locations: readLocations(raw.locations),
    etag,
  }
}

/** A single server says `none`. */
function readLocations(names: readonly string[] | null | undefined): string[] | undefined {
  const members = names?.filter((name) => name !== 'none') ?? []
  return members.length === 0 ? undefined : members.sort()
}
