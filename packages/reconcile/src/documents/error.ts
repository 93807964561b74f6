import * as v from 'valibot'

/** Why something failed: a stable code, and a sentence for people. */
export const failureSchema = v.strictObject({
  code: v.pipe(v.string(), v.description('Stable.')),
  message: v.pipe(v.string(), v.description('For people; it may change.')),
})

/** Why something failed. */
export interface Failure extends v.InferOutput<typeof failureSchema> {}

/** The key that a document has if the command that printed it failed. */
export const errorKey = v.exactOptional(
  v.pipe(
    v.strictObject(failureSchema.entries),
    v.description('Only if the command failed: its first error code, and all messages.'),
  ),
)

/** What stands alone on stdout if a command with `--json` fails before it has a result; of NDJSON it is the last line. */
export const errorDocumentSchema = v.strictObject({
  format: v.literal('hyperkit-error'),
  version: v.literal(1),
  error: failureSchema,
})

/** What stands alone on stdout if a command with `--json` fails before it has a result. */
export interface ErrorDocument extends v.InferOutput<typeof errorDocumentSchema> {}
