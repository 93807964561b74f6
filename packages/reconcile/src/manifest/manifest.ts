import type { Notify } from './notify.ts'
import type { Position } from './position.ts'
import type { Source } from './source.ts'

export type { Position } from './position.ts'

/** A manifest that holds together: every name known, every text checked, every path absolute. */
export interface Manifest {
  /** As the user named the file; errors and output use it. */
  file: string
  /** The owner written on what this manifest creates. */
  name: string
  servers: ManifestServer[]
  /** In the file's order. */
  images: ManifestImage[]
  /** Tokens, and values of environment variables whose names say that they are secret; nothing prints them. */
  secrets?: { name: string; value: string }[]
  /** Undefined: nothing is pruned. */
  prune?: { maxDelete: number } | undefined
  /** Undefined: nobody is told. */
  notify?: Notify | undefined
}

/** A server that a manifest names, and how it is reached. */
export interface ManifestServer {
  /** The key under `servers`. */
  name: string
  /** @default the remote's own project, else the server's: `default` */
  project: string | undefined
  reach: Reach
  /** By these, images choose servers. */
  labels?: Readonly<Record<string, string>>
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
      token?: ReachToken | undefined
    }

/** A bearer token, or the absolute path of the file that holds it at the time. */
export type ReachToken = { kind: 'text'; text: string } | { kind: 'file'; file: string }

/** An entry under `images`: what shall be there, or shall not. */
export type ManifestImage = PresentImage | AbsentImage

/** An image that shall be there, with its defaults filled in. */
export interface PresentImage extends ImageAttributes {
  state: 'present'
  name: string
  source: Source
  /** Names of servers. */
  servers: string[]
  /** By server: what it is there, all of it; `imageOn` chooses. */
  overrides?: Readonly<Record<string, ImageAttributes>>
  at: Position
}

/** What an image shall be on a server. */
export interface ImageAttributes {
  /** The name itself comes first. */
  aliases: ManifestAlias[]
  /** What is undefined or not named is left as the server has it. */
  public: boolean | undefined
  /** An empty value stands for "not there". */
  properties: Record<string, string>
  /** `exact`: what `properties` does not name is removed, but for the owners' marks. @default merge */
  propertiesMode?: PropertiesMode | undefined
  /** `null` for never. */
  expiresAt: Date | null | undefined
  autoUpdate?: boolean | undefined
  /** Sorted: servers keep a set. */
  profiles?: string[] | undefined
  /** What the server is told when the image is sent to it; it cannot be changed then. @default the file's own */
  filename?: string | undefined
  /** This version and the `keep - 1` before it stay when old ones are pruned. @default all, unless `keepDays` is given */
  keep?: number | undefined
  /** A version stays so many days after it was replaced. */
  keepDays?: number | undefined
}

/** Whether properties that the manifest does not name stay (`merge`) or go (`exact`). */
export type PropertiesMode = 'merge' | 'exact'

/** A name that shall not be there. */
export interface AbsentImage {
  state: 'absent'
  name: string
  aliases: ManifestAlias[]
  servers: string[]
  at: Position
}

/** An alias that an image shall have. */
export interface ManifestAlias {
  name: string
  /** Undefined: an existing alias keeps its own. */
  description: string | undefined
}
