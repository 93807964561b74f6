import type { Notify } from './notify.ts'
import type { Policy } from './policy.ts'
import type { Position } from './position.ts'
import type { Rollout } from './rollout.ts'
import type { Source } from './source.ts'

export type { Position } from './position.ts'

/** A consistent manifest: every name is known, every value checked and every path absolute. */
export interface Manifest {
  /** The file as the user named it, for errors and output. */
  file: string
  /** The owner, which marks what this manifest creates. */
  name: string
  servers: ManifestServer[]
  /** In the order of the file. */
  images: ManifestImage[]
  /** Tokens, and values of environment variables with names such as `API_TOKEN`; they are never printed. */
  secrets?: { name: string; value: string }[]
  /** Undefined: nothing is pruned. */
  prune?: { maxDelete: number } | undefined
  /** Undefined: all servers are changed at the same time. */
  rollout?: Rollout | undefined
  /** Undefined: nothing is forbidden. */
  policy?: Policy | undefined
  /** Undefined: no reports are sent. */
  notify?: Notify | undefined
}

/** A server that a manifest names, and how it is reached. */
export interface ManifestServer {
  /** The key under `servers`. */
  name: string
  /** @default the project of the remote, else `default` */
  project: string | undefined
  reach: Reach
  /** Milliseconds until an answer must begin, and for which a body may stand still. @default those of core */
  answerTimeout?: number
  /** How many of its images are worked on at once. @default that of the run */
  imagesAtOnce?: number
  /** Images can choose servers by their labels. */
  labels?: Readonly<Record<string, string>>
  at: Position
}

/** How a server is reached. */
export type Reach =
  | { kind: 'remote'; remote: string }
  | { kind: 'socket'; socket: string }
  | {
      kind: 'url'
      /** Or those of several members of a cluster. */
      url: string | readonly string[]
      /** Absolute paths of PEM files. */
      serverCertificate: string | undefined
      clientCertificate: string | undefined
      clientKey: string | undefined
      token?: ReachToken | undefined
    }

/** A bearer token, or the absolute path of a file that is read whenever the token is needed. */
export type ReachToken = { kind: 'text'; text: string } | { kind: 'file'; file: string }

/** An entry under `images`: an image that should exist, or one that should not. */
export type ManifestImage = PresentImage | AbsentImage

/** An image that should exist, with its defaults filled in. */
export interface PresentImage extends ImageAttributes {
  state: 'present'
  name: string
  source: Source
  /** Names of servers. */
  servers: string[]
  /** By server: all attributes of the image on that server; `imageOn` applies them. */
  overrides?: Readonly<Record<string, ImageAttributes>>
  at: Position
}

/** What an image should be like on a server. */
export interface ImageAttributes {
  /** The name itself comes first. */
  aliases: ManifestAlias[]
  /** Undefined here or below: the server's value is left alone. */
  public: boolean | undefined
  /** An empty value removes the property. */
  properties: Record<string, string>
  /** `exact`: properties that are not listed are removed, except those that mark the owner. @default merge */
  propertiesMode?: PropertiesMode | undefined
  /** `null` for never. */
  expiresAt: Date | null | undefined
  autoUpdate?: boolean | undefined
  /** Sorted: servers keep a set. */
  profiles?: string[] | undefined
  /** The file name that the server stores when the image is uploaded; it cannot change later. @default the file's own name */
  filename?: string | undefined
  /** How many versions, including the current one, pruning keeps. @default all, unless `keepDays` is set */
  keep?: number | undefined
  /** For how many days pruning keeps a version after it was replaced. */
  keepDays?: number | undefined
}

/** Whether properties that the manifest does not list are kept (`merge`) or removed (`exact`). */
export type PropertiesMode = 'merge' | 'exact'

/** A name that should not exist. */
export interface AbsentImage {
  state: 'absent'
  name: string
  aliases: ManifestAlias[]
  servers: string[]
  at: Position
}

/** An alias that an image should have. */
export interface ManifestAlias {
  name: string
  /** Undefined: an existing alias keeps its description. */
  description: string | undefined
}
