import * as v from 'valibot'
import { errorKey, failureSchema } from './error.ts'
import { imageProblemSchema, spaceSchema } from './image-problem.ts'
import { plannedRolloutSchema } from './rollout.ts'
import { count, described, manifestKey, ofImage, serverName, nullableText as text } from './values.ts'

const etag = described(text, 'The ETag that the server gave when the plan was made; null if it gave none.')
const owner = described(text, 'The manifest that created the image; null if no manifest did.')
const knownBytes = described(v.nullable(count), 'The size of the image; null if it is not known.')
const bytes = described(count, 'The size of the image.')
const alias = described(v.string(), 'The name of the alias.')
const time = described(text, 'RFC 3339; null if the image never expires.')
const aliasState = v.strictObject({
  target: described(v.string(), 'The fingerprint of the image that the alias points at.'),
  description: described(v.string(), "The alias's description; empty if it has none."),
})
const stateBefore = described(aliasState, 'The alias as it was when the plan was made.')
const stateAfter = described(aliasState, 'The alias as the plan makes it.')
const before = 'The value when the plan was made; null if there is none, or if it is not known.'
const after = 'The value that the plan sets.'

const fieldChange = v.variant('field', [
  v.strictObject({
    field: v.literal('public'),
    before: described(v.nullable(v.boolean()), before),
    after: described(v.boolean(), after),
  }),
  v.strictObject({ field: v.literal('expiresAt'), before: time, after: time }),
  v.strictObject({
    field: v.literal('property'),
    key: described(v.string(), 'The name of the property.'),
    before: described(text, before),
    after: described(text, 'The value that the plan sets; null if the property is removed.'),
  }),
  v.strictObject({
    field: v.literal('autoUpdate'),
    before: described(v.nullable(v.boolean()), before),
    after: described(v.boolean(), after),
  }),
  v.strictObject({
    field: v.literal('profiles'),
    before: described(v.nullable(v.array(v.string())), `${before} Sorted.`),
    after: described(v.array(v.string()), `${after} Sorted.`),
  }),
  // Only for an image that is to be created: servers do not change the file name of one that exists.
  v.strictObject({
    field: v.literal('filename'),
    before: described(v.null(), 'Always null.'),
    after: described(v.string(), after),
  }),
  // Only for an image that is to be created: the properties that its source will bring, whatever they are, and that no other
  // field names. The marks of owners are not among them.
  v.strictObject({
    field: v.literal('otherProperties'),
    before: described(v.null(), 'Always null.'),
    after: described(v.null(), 'Always null: what the source brings is not known beforehand.'),
  }),
])

const imageFiles = v.variant('kind', [
  v.strictObject({
    kind: v.literal('unified'),
    file: described(v.string(), 'The absolute path of the file.'),
  }),
  v.strictObject({
    kind: v.literal('split'),
    metadata: described(v.string(), 'The absolute path of the metadata file.'),
    rootfs: described(v.string(), 'The absolute path of the root file system.'),
    type: v.exactOptional(
      described(
        v.picklist(['container', 'virtual-machine']),
        'Set only if the manifest has it; otherwise it is recognized from the root file system.',
      ),
    ),
  }),
])

const pruneReason = v.variant('kind', [
  v.strictObject({
    kind: v.literal('superseded'),
    name: described(v.string(), "The image's name in the manifest that created it."),
    position: described(
      count,
      'Which version it is, counted from the newest: 1 is the one that the manifest wants.',
    ),
    keep: described(count, 'How many versions the manifest keeps.'),
    keepDays: v.exactOptional(described(v.number(), 'For how many days the manifest keeps versions.')),
    uploadedAt: described(text, 'When the image came to the server; RFC 3339.'),
  }),
  v.strictObject({
    kind: described(
      v.picklist(['absent', 'dropped']),
      '`absent`: the manifest has `state: absent`; `dropped`: it no longer names the image on this server.',
    ),
    name: described(v.string(), "The image's name in the manifest that created it."),
  }),
])

const fields = described(v.array(fieldChange), 'The attributes of the image that are set, one by one.')

const uploadImage = v.strictObject({
  action: v.literal('upload-image'),
  ...ofImage,
  bytes,
  files: described(imageFiles, 'The files that are sent.'),
  fields,
})

const downloadImage = v.strictObject({
  action: v.literal('download-image'),
  ...ofImage,
  bytes: knownBytes,
  from: described(
    v.variant('kind', [
      v.strictObject({
        kind: v.literal('remote'),
        server: described(v.string(), 'The address of the image server.'),
        protocol: described(
          v.picklist(['lxd', 'incus', 'simplestreams', 'oci']),
          'The protocol of that server.',
        ),
        alias: described(text, 'The alias there; null if the manifest names a fingerprint.'),
      }),
      v.strictObject({
        kind: v.literal('url'),
        url: described(
          v.string(),
          'Without its query, which may give access: applying the plan takes the query from the manifest.',
        ),
      }),
    ]),
    'Where the server, or this machine for it, downloads the image.',
  ),
  fields,
})

const copyImage = v.strictObject({
  action: v.literal('copy-image'),
  ...ofImage,
  bytes: knownBytes,
  from: described(v.strictObject({ server: serverName }), 'The server of the manifest that has the image.'),
  fields,
})

const publishImage = v.strictObject({
  action: v.literal('publish-image'),
  ...ofImage,
  from: described(
    v.strictObject({
      instance: described(v.string(), 'The name of the instance.'),
      snapshot: described(text, 'The name of its snapshot; null for the instance itself.'),
    }),
    'The instance of the same server that the image is made from.',
  ),
  fields,
})

const updateImage = v.strictObject({ action: v.literal('update-image'), ...ofImage, etag, fields })

const createAlias = v.strictObject({
  action: v.literal('create-alias'),
  ...ofImage,
  alias,
  after: stateAfter,
})

const updateAlias = v.strictObject({
  action: v.literal('update-alias'),
  ...ofImage,
  alias,
  etag,
  before: stateBefore,
  after: stateAfter,
  owner: v.exactOptional(
    described(v.string(), 'Another manifest that owns the alias, so the guard refuses the plan.'),
  ),
})

const removeAlias = v.strictObject({
  action: v.literal('remove-alias'),
  ...ofImage,
  alias,
  before: stateBefore,
  owner,
})

const deleteImage = v.strictObject({
  action: v.literal('delete-image'),
  ...ofImage,
  bytes,
  aliases: described(
    v.array(v.string()),
    'The aliases that still point at the image, and are removed with it.',
  ),
  owner,
  prune: v.exactOptional(
    described(pruneReason, 'Why retention deletes the image; left out if the manifest has `state: absent`.'),
  ),
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

const sparedVersion = v.strictObject({
  ...ofImage,
  bytes,
  why: described(v.string(), 'Why the version is kept, as a sentence for people.'),
})

const plannedServer = v.strictObject({
  status: v.literal('planned'),
  name: serverName,
  dialect: described(v.string(), '`lxd` or `incus`.'),
  serverVersion: described(text, 'The version that the server reports; null if it reports none.'),
  changes: described(
    v.array(changeSchema),
    'In the order in which they are carried out: for each image its content, attributes, aliases; removals come last.',
  ),
  inSync: described(count, 'The number of images of the manifest that need no change.'),
  spared: v.exactOptional(
    described(
      v.array(sparedVersion),
      'Old versions that retention would delete, but that are kept for another reason.',
    ),
  ),
  usageHidden: v.exactOptional(
    described(
      v.string(),
      'The permission that this client lacks to see which old versions are in use, if a version is spared for that reason.',
    ),
  ),
  notPruned: v.exactOptional(
    described(v.string(), 'Why nothing is pruned on this server although the manifest has `prune`.'),
  ),
  problems: v.exactOptional(
    described(
      v.array(imageProblemSchema),
      'Images for which nothing can be planned here; the other images are not affected.',
    ),
  ),
  space: v.exactOptional(
    described(spaceSchema, 'The space of the image store, if images come and the server was asked.'),
  ),
})

const unreadServer = v.strictObject({
  status: v.literal('unread'),
  name: serverName,
  error: described(failureSchema, 'Why the server could not be read.'),
})

/** A plan. */
export const planSchema = v.strictObject({
  format: v.literal('hyperkit-plan'),
  version: v.literal(1),
  manifest: manifestKey,
  notPruned: v.exactOptional(
    described(v.string(), 'Why nothing is pruned on any server although the manifest has `prune`.'),
  ),
  rollout: v.exactOptional(
    described(
      plannedRolloutSchema,
      'The waves in which the servers are changed, if the manifest has `rollout`.',
    ),
  ),
  servers: described(v.array(v.variant('status', [plannedServer, unreadServer])), 'The plan of each server.'),
})

export const summarySchema = v.strictObject({
  imagesToUpload: described(count, 'Images that are uploaded from files on this machine.'),
  bytesToUpload: described(count, 'The total size of these images.'),
  imagesToDownload: described(count, 'Images from image servers and web servers.'),
  imagesToCopy: described(count, 'Images from other servers of the manifest.'),
  bytesToFetch: described(count, 'The total size of downloads and copies, as far as it is known.'),
  imagesToPublish: described(count, 'Images that are made from instances.'),
  imagesToUpdate: described(count, 'Images whose attributes change.'),
  imagesToDelete: described(count, 'Images that are deleted.'),
  aliasesToCreate: described(count, 'Aliases that do not exist yet.'),
  aliasesToMove: described(count, 'Aliases that get another image.'),
  aliasesToDescribe: described(count, 'Aliases that get only another description.'),
  aliasesToRemove: described(count, 'Aliases that are removed, with a deleted image or without.'),
  imagesUnresolved: described(count, 'Images for which nothing can be planned, counted on each server.'),
  serversUnread: described(count, 'Servers that could not be read.'),
})

/** What `plan --json` prints: the plan with its totals. */
export const planDocumentSchema = v.strictObject({
  ...planSchema.entries,
  summary: described(summarySchema, 'How much the plan changes, over all servers.'),
  servers: described(
    v.array(
      v.variant('status', [
        v.strictObject({
          ...plannedServer.entries,
          bytesToUpload: described(count, 'The total size of the images that are uploaded to this server.'),
          bytesToFetch: described(
            count,
            'The total size of its downloads and copies, as far as it is known.',
          ),
        }),
        unreadServer,
      ]),
    ),
    'The plan of each server.',
  ),
  error: errorKey,
})

/**
 * The changes that would make the servers match a manifest, as plain data: equal input gives an equal plan. It is part of the
 * document that `plan --json` prints. `version` changes only if programs that read the document have to change too.
 */
export interface Plan extends v.InferOutput<typeof planSchema> {}

/** The plan of a server that could be read. */
export interface PlannedServer extends v.InferOutput<typeof plannedServer> {}

/** A server that could not be read: nothing is changed there. */
export interface UnreadServerPlan extends v.InferOutput<typeof unreadServer> {}

/** The plan of one server, or why there is none. */
export type ServerPlan = PlannedServer | UnreadServerPlan

/** An image for which nothing can be planned, and why. */
export interface ImageProblem extends v.InferOutput<typeof imageProblemSchema> {}

/** Uploads an image from files on this machine. */
export interface UploadImage extends v.InferOutput<typeof uploadImage> {}

/** Downloads an image from a server that the manifest does not manage, or from a web server. */
export interface DownloadImage extends v.InferOutput<typeof downloadImage> {}

/** Copies an image from another server of the manifest, as soon as that server has it. */
export interface CopyImage extends v.InferOutput<typeof copyImage> {}

/** Publishes an image from an instance on the server itself. */
export interface PublishImage extends v.InferOutput<typeof publishImage> {}

/** Changes attributes of an existing image. */
export interface UpdateImage extends v.InferOutput<typeof updateImage> {}

/** Creates an alias. */
export interface CreateAlias extends v.InferOutput<typeof createAlias> {}

/** Changes the target or the description of an alias, or both. */
export interface UpdateAlias extends v.InferOutput<typeof updateAlias> {}

/** Removes an alias and keeps its image. */
export interface RemoveAlias extends v.InferOutput<typeof removeAlias> {}

/** Deletes an image with its remaining aliases. */
export interface DeleteImage extends v.InferOutput<typeof deleteImage> {}

/** A change that brings an image to a server that does not have it. */
export type Creation = UploadImage | DownloadImage | CopyImage | PublishImage

/** One step of a plan; `action` is its kind. */
export type Change = Creation | UpdateImage | CreateAlias | UpdateAlias | RemoveAlias | DeleteImage

/** One attribute of an image that changes; `before` is null if there was no value, or if it is not known. */
export type FieldChange = v.InferOutput<typeof fieldChange>

/** Files of an image, as absolute paths. */
export type ImageFiles = v.InferOutput<typeof imageFiles>

/** Why retention deletes an image. That is done last, and only if nothing failed on any server. */
export type PruneReason = v.InferOutput<typeof pruneReason>

/** An old version that stays although retention would delete it. */
export interface SparedVersion extends v.InferOutput<typeof sparedVersion> {}

/** The target and the description of an alias. */
export interface AliasState extends v.InferOutput<typeof aliasState> {}

/** How much a plan changes, over all servers. */
export interface PlanSummary extends v.InferOutput<typeof summarySchema> {}

/** What `plan --json` prints: the plan with its totals. */
export interface PlanDocument extends v.InferOutput<typeof planDocumentSchema> {}
