/** A manifest that holds together: every name known, every text checked, every path absolute. */
export interface Manifest {
  /** As the user named the file; errors and output use it. */
  file: string
  /** The owner written on what this manifest creates. */
  name: string
  servers: ManifestServer[]
  /** In the file's order. */
  images: ManifestImage[]
  /** Values of environment variables whose names say that they are secret; nothing prints them. */
  secrets?: { name: string; value: string }[]
  /** Undefined: nothing is pruned. */
  prune?: { maxDelete: number } | undefined
}

export interface ManifestServer {
  /** The key under `servers`. */
  name: string
  /** @default the remote's own project, else the server's: `default` */
  project: string | undefined
  reach: Reach
  at: Position
}

/** How a server is found. */
export type Reach =
  | { kind: 'remote'; remote: string }
  | { kind: 'socket'; socket: string }
  | {
      kind: 'url'
      url: string
      /** Absolute paths of PEM files. */
      serverCertificate: string | undefined
      clientCertificate: string | undefined
      clientKey: string | undefined
    }

export type ManifestImage = PresentImage | AbsentImage

export interface PresentImage {
  state: 'present'
  name: string
  source: FileSource
  /** The name itself comes first. */
  aliases: ManifestAlias[]
  /** What is undefined or not named is left as the server has it. */
  public: boolean | undefined
  /** An empty value stands for "not there". */
  properties: Record<string, string>
  /** `null` for never. */
  expiresAt: Date | null | undefined
  /** This version and the `keep - 1` before it stay when old ones are pruned. @default all, unless `keepDays` is given */
  keep?: number | undefined
  /** A version stays so many days after it was replaced. */
  keepDays?: number | undefined
  /** Names of servers. */
  servers: string[]
  at: Position
}

export interface AbsentImage {
  state: 'absent'
  name: string
  aliases: ManifestAlias[]
  servers: string[]
  at: Position
}

export interface ManifestAlias {
  name: string
  /** Undefined: an existing alias keeps its own. */
  description: string | undefined
}

/** Absolute paths. */
export type FileSource =
  | { kind: 'file'; file: string; sha256: string | undefined; at: Position }
  | {
      kind: 'split'
      metadata: string
      rootfs: string
      /** Undefined: by the rootfs file. */
      type: 'container' | 'virtual-machine' | undefined
      sha256: string | undefined
      at: Position
    }

/** One-based, as editors count. */
export interface Position {
  /** Where a manifest is made of several files: the one that is meant. */
  file?: string
  line: number
  column: number
}
