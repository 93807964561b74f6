import * as v from 'valibot'
import { errorKey, failureSchema } from './error.ts'
import { count, manifestKey, nullableText, sha256 } from './values.ts'

const imageHistorySchema = v.strictObject({
  name: v.pipe(v.string(), v.description("The image's name in the manifest.")),
  versions: v.pipe(
    v.array(
      v.strictObject({
        fingerprint: sha256,
        bytes: count,
        uploadedAt: v.pipe(nullableText, v.description("RFC 3339, by the server's clock.")),
        aliases: v.pipe(v.array(v.string()), v.description('All that name it.')),
        inUse: v.pipe(
          v.nullable(v.boolean()),
          v.description(
            'Whether an instance, a snapshot or a profile uses it; null if the server does not show that.',
          ),
        ),
      }),
    ),
    v.description('The newest upload first.'),
  ),
})

const serverHistorySchema = v.strictObject({
  name: v.string(),
  error: v.exactOptional(
    v.pipe(
      v.strictObject(failureSchema.entries),
      v.description('Nothing is known of the server if it is there.'),
    ),
  ),
  usageHidden: v.exactOptional(
    v.pipe(
      v.string(),
      v.description(
        'What the client lacks to be shown which versions are in use; then `inUse` is null for all.',
      ),
    ),
  ),
  images: v.array(imageHistorySchema),
})

/** Which versions of its images a manifest has on which server. */
export const historySchema = v.strictObject({
  format: v.literal('hyperkit-history'),
  version: v.literal(1),
  manifest: manifestKey,
  servers: v.array(serverHistorySchema),
})

/** What `history --json` prints. */
export const historyDocumentSchema = v.strictObject({ ...historySchema.entries, error: errorKey })

/** Which versions of its images a manifest has on which server; itself the document that `history --json` prints. */
export interface History extends v.InferOutput<typeof historySchema> {}

/** Which versions of the manifest's images one server has. */
export interface ServerHistory extends v.InferOutput<typeof serverHistorySchema> {}

/** The versions of one image on one server. */
export interface ImageHistory extends v.InferOutput<typeof imageHistorySchema> {}

/** What `history --json` prints. */
export interface HistoryDocument extends v.InferOutput<typeof historyDocumentSchema> {}
