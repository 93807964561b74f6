import * as v from 'valibot'
import { errorKey, failureSchema } from './error.ts'
import { count, described, imageName, manifestKey, nullableText, serverName, sha256 } from './values.ts'

const versionSchema = v.strictObject({
  fingerprint: described(sha256, 'The fingerprint of this version.'),
  bytes: described(count, 'The size of this version.'),
  uploadedAt: described(nullableText, "When the server got it; RFC 3339, by the server's clock."),
  aliases: described(v.array(v.string()), 'All aliases that point at it.'),
  inUse: described(
    v.nullable(v.boolean()),
    'Whether an instance, a snapshot or a profile uses it; null if the server does not show that.',
  ),
})

const imageHistorySchema = v.strictObject({
  name: imageName,
  versions: described(v.array(versionSchema), 'The versions that the server has, the newest upload first.'),
})

const serverHistorySchema = v.strictObject({
  name: serverName,
  error: v.exactOptional(
    described(failureSchema, 'Why the server could not be read; then `images` is empty.'),
  ),
  usageHidden: v.exactOptional(
    described(
      v.string(),
      'The permission that the client lacks to see which versions are in use; `inUse` is then null for all of them.',
    ),
  ),
  images: described(v.array(imageHistorySchema), 'The images of the manifest that the server has.'),
})

/** The versions of a manifest's images that each server has. */
export const historySchema = v.strictObject({
  format: v.literal('hyperkit-history'),
  version: v.literal(1),
  manifest: manifestKey,
  servers: described(v.array(serverHistorySchema), 'What each server has.'),
})

/** What `history --json` prints. */
export const historyDocumentSchema = v.strictObject({ ...historySchema.entries, error: errorKey })

/** The versions of a manifest's images that each server has; also the document that `history --json` prints. */
export interface History extends v.InferOutput<typeof historySchema> {}

/** The versions of a manifest's images that one server has. */
export interface ServerHistory extends v.InferOutput<typeof serverHistorySchema> {}

/** The versions of one image on one server. */
export interface ImageHistory extends v.InferOutput<typeof imageHistorySchema> {}

/** What `history --json` prints. */
export interface HistoryDocument extends v.InferOutput<typeof historyDocumentSchema> {}
