import type { Plan } from '../plan.ts'

/** A plan with all that it was made from, so that it can be done later if nothing of that has moved. */
export interface SavedPlan {
  format: 'hyperkit-saved-plan'
  version: 1
  /** SHA-256 of all the rest; `sealPlan` gives it. */
  digest: string
  seen: Seen
  plan: Plan
}

/** A plan of a manifest with all that it was made from: data, so that it can be looked at, kept and applied later. */
export interface ManifestPlan extends Plan {
  seen: Seen
}

/** What a plan rests on; if any of it has moved, the plan is refused. In a plan's file, paths are relative to its folder. */
export interface Seen {
  /** Files and folders of the manifest, as they were given. */
  paths: string[]
  files: SeenFile[]
  targets: string[]
  /** Images to publish anew. */
  republish?: string[]
  /** Those that the plan was narrowed to; empty: all. */
  only: string[]
  /** The sources were held against the lock file, and are again. */
  frozen?: true
  /** What the sources of the manifest's images held. */
  contents: SeenContent[]
  servers: SeenServer[]
}

/** A file of the manifest. */
export interface SeenFile {
  file: string
  sha256: string
}

/** What a source held when the plan was made. */
export interface SeenContent {
  /** Name in the manifest. */
  image: string
  /** Where it is not the same on all. */
  server?: string
  fingerprint: string
}

/** What a server had of what the plan rests on. Servers that could not be read are not among them. */
export interface SeenServer {
  name: string
  /** Fingerprint of its certificate, or how it was reached. */
  identity: string
  images: SeenImage[]
  aliases: SeenAlias[]
}

/** An image as it was when the plan was made. */
export interface SeenImage {
  fingerprint: string
  etag: string | null
  public: boolean
  expiresAt: string | null
  autoUpdate: boolean
  profiles: string[]
  properties: Record<string, string>
  aliases: string[]
  /** Whether an instance, a snapshot or a profile uses it; `null` where nobody asked. */
  inUse: boolean | null
}

/** An alias as it was when the plan was made. */
export interface SeenAlias {
  name: string
  target: string
  description: string
  etag: string | null
}
