import * as v from 'valibot'
import { fingerprintPattern } from '../identity/fingerprint-to-come.ts'
import type { Plan } from './plan.ts'
import type { PlanSummary } from './summarize-plan.ts'

/** The documents of `plan`, as data to check them by and to describe them with; each is tied to its type. */
const fingerprint = v.pipe(v.string(), v.regex(fingerprintPattern))
const count = v.pipe(v.number(), v.integer(), v.minValue(0))
const ofImage = { image: v.string(), fingerprint }
const text = v.nullable(v.string())
const aliasState = v.strictObject({ target: v.string(), description: v.string() })

const fieldChange = v.variant('field', [
  v.strictObject({ field: v.literal('public'), before: v.nullable(v.boolean()), after: v.boolean() }),
  v.strictObject({ field: v.literal('expiresAt'), before: text, after: text }),
  v.strictObject({ field: v.literal('property'), key: v.string(), before: text, after: text }),
  v.strictObject({ field: v.literal('autoUpdate'), before: v.nullable(v.boolean()), after: v.boolean() }),
  v.strictObject({
    field: v.literal('profiles'),
    before: v.nullable(v.array(v.string())),
    after: v.array(v.string()),
  }),
  v.strictObject({ field: v.literal('filename'), before: v.null(), after: v.string() }),
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
    position: count,
    keep: count,
    keepDays: v.exactOptional(v.number()),
    uploadedAt: text,
  }),
  v.strictObject({ kind: v.picklist(['absent', 'dropped']), name: v.string() }),
])

export const changeSchema = v.variant('action', [
  v.strictObject({
    action: v.literal('upload-image'),
    ...ofImage,
    bytes: count,
    files: imageFiles,
    fields: v.array(fieldChange),
  }),
  v.strictObject({
    action: v.literal('download-image'),
    ...ofImage,
    bytes: v.nullable(count),
    from: v.variant('kind', [
      v.strictObject({
        kind: v.literal('remote'),
        server: v.string(),
        protocol: v.picklist(['lxd', 'incus', 'simplestreams']),
        alias: text,
      }),
      v.strictObject({ kind: v.literal('url'), url: v.string() }),
    ]),
    fields: v.array(fieldChange),
  }),
  v.strictObject({
    action: v.literal('copy-image'),
    ...ofImage,
    bytes: v.nullable(count),
    from: v.strictObject({ server: v.string() }),
    fields: v.array(fieldChange),
  }),
  v.strictObject({
    action: v.literal('publish-image'),
    ...ofImage,
    from: v.strictObject({ instance: v.string(), snapshot: text }),
    fields: v.array(fieldChange),
  }),
  v.strictObject({
    action: v.literal('update-image'),
    ...ofImage,
    etag: text,
    fields: v.array(fieldChange),
  }),
  v.strictObject({ action: v.literal('create-alias'), ...ofImage, alias: v.string(), after: aliasState }),
  v.strictObject({
    action: v.literal('update-alias'),
    ...ofImage,
    alias: v.string(),
    etag: text,
    before: aliasState,
    after: aliasState,
    owner: v.exactOptional(v.string()),
  }),
  v.strictObject({
    action: v.literal('remove-alias'),
    ...ofImage,
    alias: v.string(),
    before: aliasState,
    owner: text,
  }),
  v.strictObject({
    action: v.literal('delete-image'),
    ...ofImage,
    bytes: count,
    aliases: v.array(v.string()),
    owner: text,
    prune: v.exactOptional(pruneReason),
  }),
])

export const failureSchema = v.strictObject({ code: v.string(), message: v.string() })

export const imageProblemSchema = v.strictObject({ image: v.string(), error: failureSchema })

const plannedServer = {
  status: v.literal('planned'),
  name: v.string(),
  dialect: v.string(),
  serverVersion: text,
  changes: v.array(changeSchema),
  inSync: count,
  spared: v.exactOptional(v.array(v.strictObject({ ...ofImage, bytes: count, why: v.string() }))),
  usageHidden: v.exactOptional(v.string()),
  problems: v.exactOptional(v.array(imageProblemSchema)),
}
const unreadServer = v.strictObject({ status: v.literal('unread'), name: v.string(), error: failureSchema })

const head = {
  format: v.literal('hyperkit-plan'),
  version: v.literal(1),
  manifest: v.strictObject({ file: v.string(), name: v.string() }),
  notPruned: v.exactOptional(v.string()),
}

/** A plan. */
export const planSchema = v.strictObject({
  ...head,
  servers: v.array(v.variant('status', [v.strictObject(plannedServer), unreadServer])),
}) satisfies v.GenericSchema<unknown, Plan>

export const summarySchema = v.strictObject({
  imagesToUpload: count,
  bytesToUpload: count,
  imagesToDownload: count,
  imagesToCopy: count,
  bytesToFetch: count,
  imagesToPublish: count,
  imagesToUpdate: count,
  imagesToDelete: count,
  aliasesToCreate: count,
  aliasesToMove: count,
  aliasesToDescribe: count,
  aliasesToRemove: count,
  imagesUnresolved: count,
  serversUnread: count,
}) satisfies v.GenericSchema<unknown, PlanSummary>

/** What `plan --json` prints: the plan with its sums. */
export const planDocumentSchema = v.strictObject({
  ...head,
  summary: summarySchema,
  servers: v.array(
    v.variant('status', [
      v.strictObject({ ...plannedServer, bytesToUpload: count, bytesToFetch: count }),
      unreadServer,
    ]),
  ),
})

type Same<A, B> = [A, B] extends [B, A] ? true : never

/** A change of the types that the schema does not follow is an error of the compiler here. */
export const isPlanDescribed: Same<v.InferOutput<typeof planSchema>, Plan> = true
export const isSummaryDescribed: Same<v.InferOutput<typeof summarySchema>, PlanSummary> = true
