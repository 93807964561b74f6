import * as v from 'valibot'
import { errorKey, failureSchema } from './error.ts'
import { count, manifestKey, ofImage, nullableText as text } from './values.ts'

const server = v.pipe(v.string(), v.description('Its name in the manifest.'))
const etag = v.pipe(text, v.description('The ETag that it had; null if the server gave none.'))
const owner = v.pipe(text, v.description('The manifest that created the image; null for none.'))
const knownBytes = v.pipe(v.nullable(count), v.description('null if its size is not known.'))
const time = v.pipe(text, v.description('RFC 3339; null if it never expires.'))
const aliasState = v.strictObject({ target: v.string(), description: v.string() })

const fieldChange = v.variant('field', [
  v.strictObject({ field: v.literal('public'), before: v.nullable(v.boolean()), after: v.boolean() }),
  v.strictObject({ field: v.literal('expiresAt'), before: time, after: time }),
  v.strictObject({ field: v.literal('property'), key: v.string(), before: text, after: text }),
  v.strictObject({ field: v.literal('autoUpdate'), before: v.nullable(v.boolean()), after: v.boolean() }),
  v.strictObject({
    field: v.literal('profiles'),
    before: v.pipe(v.nullable(v.array(v.string())), v.description('Sorted.')),
    after: v.pipe(v.array(v.string()), v.description('Sorted.')),
  }),
  // Of an image that is to come only: servers do not change it.
  v.strictObject({ field: v.literal('filename'), before: v.null(), after: v.string() }),
  // Of an image that is to come only: properties that its source will bring, whatever they are, and that the other fields do not
  // name. The marks of owners are not among them.
  v.strictObject({ field: v.literal('otherProperties'), before: v.null(), after: v.null() }),
])

const imageFiles = v.variant('kind', [
  v.strictObject({ kind: v.literal('unified'), file: v.string() }),
  v.strictObject({
    kind: v.literal('split'),
    metadata: v.string(),
    rootfs: v.string(),
    type: v.exactOptional(v.picklist(['container', 'virtual-machine'])),
  }),
])

const pruneReason = v.variant('kind', [
  v.strictObject({
    kind: v.literal('superseded'),
    name: v.string(),
    position: v.pipe(count, v.description('1 is the version that the manifest wants.')),
    keep: count,
    keepDays: v.exactOptional(v.number()),
    uploadedAt: v.pipe(text, v.description('RFC 3339.')),
  }),
  v.strictObject({
    kind: v.pipe(
      v.picklist(['absent', 'dropped']),
      v.description(
        '`absent`: the manifest says `state: absent`; `dropped`: it no longer names the image on this server.',
      ),
    ),
    name: v.string(),
  }),
])

const fields = v.array(fieldChange)

const uploadImage = v.strictObject({
  action: v.literal('upload-image'),
  ...ofImage,
  bytes: count,
  files: imageFiles,
  fields,
})

const downloadImage = v.strictObject({
  action: v.literal('download-image'),
  ...ofImage,
  bytes: knownBytes,
  from: v.variant('kind', [
    v.strictObject({
      kind: v.literal('remote'),
      server: v.string(),
      protocol: v.picklist(['lxd', 'incus', 'simplestreams']),
      alias: text,
    }),
    v.strictObject({
      kind: v.literal('url'),
      url: v.pipe(
        v.string(),
        v.description(
          'Without its query, which may give access; whoever applies the plan takes it from the manifest.',
        ),
      ),
    }),
  ]),
  fields,
})

const copyImage = v.strictObject({
  action: v.literal('copy-image'),
  ...ofImage,
  bytes: knownBytes,
  from: v.strictObject({ server }),
  fields,
})

const publishImage = v.strictObject({
  action: v.literal('publish-image'),
  ...ofImage,
  from: v.strictObject({ instance: v.string(), snapshot: text }),
  fields,
})

const updateImage = v.strictObject({ action: v.literal('update-image'), ...ofImage, etag, fields })

const createAlias = v.strictObject({
  action: v.literal('create-alias'),
  ...ofImage,
  alias: v.string(),
  after: aliasState,
})

const updateAlias = v.strictObject({
  action: v.literal('update-alias'),
  ...ofImage,
  alias: v.string(),
  etag,
  before: aliasState,
  after: aliasState,
  owner: v.exactOptional(
    v.pipe(
      v.string(),
      v.description('Another manifest that the alias belongs to: the guard refuses to take it over.'),
    ),
  ),
})

const removeAlias = v.strictObject({
  action: v.literal('remove-alias'),
  ...ofImage,
  alias: v.string(),
  before: aliasState,
  owner,
})

const deleteImage = v.strictObject({
  action: v.literal('delete-image'),
  ...ofImage,
  bytes: count,
  aliases: v.array(v.string()),
  owner,
  prune: v.exactOptional(pruneReason),
})

export const changeSchema = v.variant('action', [
  uploadImage,
  downloadImage,
  copyImage,
  publishImage,
  updateImage,
  createAlias,
  updateAlias,
  removeAlias,
  deleteImage,
])

export const imageProblemSchema = v.strictObject({ image: ofImage.image, error: failureSchema })

const sparedVersion = v.strictObject({ ...ofImage, bytes: count, why: v.string() })

const plannedServer = v.strictObject({
  status: v.literal('planned'),
  name: server,
  dialect: v.string(),
  serverVersion: text,
  changes: v.pipe(
    v.array(changeSchema),
    v.description(
      'In the order in which they are done: per image content, attributes, aliases; removals last.',
    ),
  ),
  inSync: v.pipe(count, v.description('Images of the manifest for which nothing is to do.')),
  spared: v.exactOptional(
    v.pipe(
      v.array(sparedVersion),
      v.description('Old versions that retention would let go and something else holds.'),
    ),
  ),
  usageHidden: v.exactOptional(
    v.pipe(
      v.string(),
      v.description('What this client lacks to be shown which old versions are in use, if that spared one.'),
    ),
  ),
  problems: v.exactOptional(
    v.pipe(
      v.array(imageProblemSchema),
      v.description('Images for which nothing can be planned here; the others go on.'),
    ),
  ),
})

const unreadServer = v.strictObject({ status: v.literal('unread'), name: server, error: failureSchema })

/** A plan. */
export const planSchema = v.strictObject({
  format: v.literal('hyperkit-plan'),
  version: v.literal(1),
  manifest: manifestKey,
  notPruned: v.exactOptional(
    v.pipe(v.string(), v.description('Why nothing is pruned, although the manifest says `prune`.')),
  ),
  servers: v.array(v.variant('status', [plannedServer, unreadServer])),
})

export const summarySchema = v.strictObject({
  imagesToUpload: count,
  bytesToUpload: count,
  imagesToDownload: count,
  imagesToCopy: count,
  bytesToFetch: v.pipe(count, v.description('Of downloads and copies, as far as their sizes are known.')),
  imagesToPublish: count,
  imagesToUpdate: count,
  imagesToDelete: count,
  aliasesToCreate: count,
  aliasesToMove: v.pipe(count, v.description('They get another image.')),
  aliasesToDescribe: v.pipe(count, v.description('They get another description only.')),
  aliasesToRemove: v.pipe(count, v.description('Those that go with a deleted image included.')),
  imagesUnresolved: v.pipe(count, v.description('Each on each server.')),
  serversUnread: count,
})

/** What `plan --json` prints: the plan with its sums. */
export const planDocumentSchema = v.strictObject({
  ...planSchema.entries,
  summary: summarySchema,
  servers: v.array(
    v.variant('status', [
      v.strictObject({ ...plannedServer.entries, bytesToUpload: count, bytesToFetch: count }),
      unreadServer,
    ]),
  ),
  error: errorKey,
})

/**
 * What shall be done, and nothing else: data, the same for the same input, and itself the document that `--json` prints.
 * `version` changes if a reader of the document would have to.
 */
export interface Plan extends v.InferOutput<typeof planSchema> {}

/** The plan of a server that could be read. */
export interface PlannedServer extends v.InferOutput<typeof plannedServer> {}

/** A server that could not be read: nothing is done there. */
export interface UnreadServerPlan extends v.InferOutput<typeof unreadServer> {}

/** The plan of one server, or why there is none. */
export type ServerPlan = PlannedServer | UnreadServerPlan

/** An image for which nothing can be planned, and why. */
export interface ImageProblem extends v.InferOutput<typeof imageProblemSchema> {}

/** An image that is sent from files of this machine. */
export interface UploadImage extends v.InferOutput<typeof uploadImage> {}

/** From a server that the manifest does not manage, or from a web server. */
export interface DownloadImage extends v.InferOutput<typeof downloadImage> {}

/** From another server of the manifest; done once that server has it. */
export interface CopyImage extends v.InferOutput<typeof copyImage> {}

/** From an instance of the server itself. */
export interface PublishImage extends v.InferOutput<typeof publishImage> {}

/** Attributes of an image that is there. */
export interface UpdateImage extends v.InferOutput<typeof updateImage> {}

/** An alias that is not there yet. */
export interface CreateAlias extends v.InferOutput<typeof createAlias> {}

/** Another target, another description, or both. */
export interface UpdateAlias extends v.InferOutput<typeof updateAlias> {}

/** An alias that goes; its image stays. */
export interface RemoveAlias extends v.InferOutput<typeof removeAlias> {}

/** The image and the aliases that it still has. */
export interface DeleteImage extends v.InferOutput<typeof deleteImage> {}

/** What brings an image to a server that does not have it. */
export type Creation = UploadImage | DownloadImage | CopyImage | PublishImage

/** One step of a plan; `action` says which. */
export type Change = Creation | UpdateImage | CreateAlias | UpdateAlias | RemoveAlias | DeleteImage

/** One attribute of an image that changes; `null` before: not there, or not known. */
export type FieldChange = v.InferOutput<typeof fieldChange>

/** Files of an image, as absolute paths. */
export type ImageFiles = v.InferOutput<typeof imageFiles>

/** Why retention lets an image go. It is done last, and only if nothing failed on any server. */
export type PruneReason = v.InferOutput<typeof pruneReason>

/** An old version that stays although retention would let it go. */
export interface SparedVersion extends v.InferOutput<typeof sparedVersion> {}

/** What an alias names and says. */
export interface AliasState extends v.InferOutput<typeof aliasState> {}

/** How much a plan does, over all servers. */
export interface PlanSummary extends v.InferOutput<typeof summarySchema> {}

/** What `plan --json` prints: the plan with its sums. */
export interface PlanDocument extends v.InferOutput<typeof planDocumentSchema> {}
