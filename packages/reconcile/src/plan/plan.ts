import type { SourceProtocol } from '../manifest/source.ts'
import type { ImageFiles } from '../sources/content.ts'

/**
 * What shall be done, and nothing else: data, the same for the same input, and itself the document that `--json` prints.
 * `version` changes when a reader of the document would have to.
 */
export interface Plan {
  format: 'hyperkit-plan'
  version: 1
  manifest: { file: string; name: string }
  servers: ServerPlan[]
  /** Why nothing is pruned, although the manifest says `prune`. */
  notPruned?: string
}

/** The plan of one server, or why there is none. */
export type ServerPlan = PlannedServer | UnreadServerPlan

/** The plan of a server that could be read. */
export interface PlannedServer {
  status: 'planned'
  name: string
  dialect: string
  serverVersion: string | null
  /** In the order in which they are done: per image content, attributes, aliases; removals last. */
  changes: Change[]
  /** Images of the manifest for which nothing is to do. */
  inSync: number
  /** Old versions that retention would let go and something else holds. */
  spared?: SparedVersion[]
  /** What this client lacks to be shown which old versions are in use, where that spared one. */
  usageHidden?: string
  /** Images for which nothing can be planned here; the others go on. */
  problems?: ImageProblem[]
}

/** An image for which nothing can be planned, and why. */
export interface ImageProblem {
  /** The image's name in the manifest. */
  image: string
  error: { code: string; message: string }
}

/** A server that could not be read: nothing is done there. */
export interface UnreadServerPlan {
  status: 'unread'
  name: string
  error: { code: string; message: string }
}

/** One step of a plan; `action` tells which. */
export type Change = Creation | UpdateImage | CreateAlias | UpdateAlias | RemoveAlias | DeleteImage

/** What brings an image to a server that has it not. */
export type Creation = UploadImage | DownloadImage | CopyImage | PublishImage

interface ChangeOfImage {
  /** The image's name in the manifest. */
  image: string
  /** 64 hex; or `after-apply:SERVER/…`, which stands for the fingerprint of an image that is still to be published. */
  fingerprint: string
}

/** An image that is sent from files of this machine. */
export interface UploadImage extends ChangeOfImage {
  action: 'upload-image'
  bytes: number
  files: ImageFiles
  fields: FieldChange[]
}

/** From a server that the manifest does not manage, or from a web server. */
export interface DownloadImage extends ChangeOfImage {
  action: 'download-image'
  /** `null` where nobody told. */
  bytes: number | null
  from:
    | { kind: 'remote'; server: string; protocol: SourceProtocol; alias: string | null }
    | { kind: 'url'; url: string }
  fields: FieldChange[]
}

/** From another server of the manifest; done once that server has it. */
export interface CopyImage extends ChangeOfImage {
  action: 'copy-image'
  bytes: number | null
  from: { server: string }
  fields: FieldChange[]
}

/** From an instance of the server itself. */
export interface PublishImage extends ChangeOfImage {
  action: 'publish-image'
  from: { instance: string; snapshot: string | null }
  fields: FieldChange[]
}

/** Attributes of an image that is there. */
export interface UpdateImage extends ChangeOfImage {
  action: 'update-image'
  /** ETag that the image had; covers `public`, `autoUpdate` and properties only. */
  etag: string | null
  fields: FieldChange[]
}

/** `null`: not there. */
export type FieldChange =
  | { field: 'public'; before: boolean | null; after: boolean }
  /** RFC 3339. */
  | { field: 'expiresAt'; before: string | null; after: string | null }
  | { field: 'property'; key: string; before: string | null; after: string | null }
  | { field: 'autoUpdate'; before: boolean | null; after: boolean }
  /** Sorted. */
  | { field: 'profiles'; before: string[] | null; after: string[] }
  /** Of an image that is to come only: servers do not change it. */
  | { field: 'filename'; before: null; after: string }
  /**
   * Of an image that is to come only: properties that its source will bring, whatever they are, and that the other fields
   * do not name. The marks of owners are none of them.
   */
  | { field: 'otherProperties'; before: null; after: null }

/** An alias that is not there yet. */
export interface CreateAlias extends ChangeOfImage {
  action: 'create-alias'
  alias: string
  after: AliasState
}

/** Another target, another description, or both. */
export interface UpdateAlias extends ChangeOfImage {
  action: 'update-alias'
  alias: string
  /** ETag that the alias had; the server compares it atomically. */
  etag: string | null
  before: AliasState
  after: AliasState
  /** Another manifest that the alias belongs to: the guard refuses to take it over. */
  owner?: string
}

/** An alias that goes; its image stays. */
export interface RemoveAlias extends ChangeOfImage {
  action: 'remove-alias'
  alias: string
  before: AliasState
  /** The manifest that created the image; `null` for none. */
  owner: string | null
}

/** The image and the aliases that it still has. */
export interface DeleteImage extends ChangeOfImage {
  action: 'delete-image'
  bytes: number
  aliases: string[]
  owner: string | null
  /** Retention lets it go. It is done last, and only where nothing failed on any server. */
  prune?: PruneReason
}

/** Why retention lets an image go. */
export type PruneReason =
  /** There are newer versions of the image, as many as are to be kept. */
  | {
      kind: 'superseded'
      name: string
      /** 1 is the version that the manifest wants. */
      position: number
      keep: number
      keepDays?: number
      /** RFC 3339. */
      uploadedAt: string | null
    }
  /** `absent`: the manifest says `state: absent`; `dropped`: it does not name the image on this server any more. */
  | { kind: 'absent' | 'dropped'; name: string }

/** An old version that stays although retention would let it go. */
export interface SparedVersion extends ChangeOfImage {
  bytes: number
  why: string
}

/** What an alias names and says. */
export interface AliasState {
  target: string
  description: string
}
